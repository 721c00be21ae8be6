// bin/etcdctl.js watches 100,000 events of a cluster of three while the member that serves the watch is killed and restarted
// three times. No event is lost, repeated or out of order.
import { readFile } from "node:fs/promises";
import path from "node:path";
import { createClient, type EtcdClient } from "../../src/client/client";
import { isTransient } from "../../src/client/retry";
import { systemClock } from "../../src/clock";
import {
  Compare,
  Compare_CompareResult,
  Compare_CompareTarget,
  TxnRequest,
} from "../../src/proto/gen/etcdserverpb";
import { openTransport } from "../../src/transport/open";
import { bytes, putOp } from "../support/requests";
import { Child } from "../support/child";
import { program } from "../support/etcdctl";
import { describeWithEtcd, startEtcd } from "../support/real-etcd";
import type { ServerGroup } from "../support/server-group";
import { until } from "../support/until";

const batches = 1000;
const eventsEach = 100;
/** The batches after which the serving member is killed. */
const strikes = [150, 400, 700];

describeWithEtcd("3.5", "a watch on a cluster of three", () => {
  let group: ServerGroup;
  let client: EtcdClient;
  beforeAll(async () => {
    group = await startEtcd("3.5", { size: 3 });
    client = createClient(await openTransport({ endpoints: group.endpoints, clock: systemClock }));
  });
  afterAll(async () => {
    await client.close();
    await group.stop();
  });

  test("prints every event once and in order although members are killed", async () => {
    const seen = path.join(group.workDir, "seen");
    const words = ["--debug", "--endpoints", group.endpoints.join(","), "watch", "--prefix", "/w/"];
    const command = `exec "$@" > '${seen}'`;
    const watch = new Child(["sh", "-c", command, "sh", ...program, ...words]);
    await watch.printed("stderr", "using");
    const striking: Promise<void>[] = [];
    for (let batch = 1; batch <= batches; batch++) {
      await write(batch);
      if (strikes.includes(batch)) striking.push(killServing(watch));
    }
    await Promise.all(striking);
    await until("the last event is seen", async () =>
      (await readFile(seen)).subarray(-100).includes(`\n${batches}\n`),
    );
    watch.signal("SIGINT");
    expect((await watch.finish()).exit).toBe(130);
    expect(watch.stderr.toString().split("hint: the stream broke").length - 1).toBeGreaterThanOrEqual(
      strikes.length,
    );
    expect(await readFile(seen, "utf8")).toBe(everyEvent());
  });

  /** Writes one more version of every key. The compare makes a repeated write harmless. */
  async function write(batch: number): Promise<void> {
    const success = Array.from({ length: eventsEach }, (_, i) => putOp(keyOf(i), String(batch)));
    const isNew = Compare.create({
      key: bytes(keyOf(0)),
      target: Compare_CompareTarget.VERSION,
      result: Compare_CompareResult.EQUAL,
      targetUnion: { case: "version", value: BigInt(batch - 1) },
    });
    const request = TxnRequest.create({ compare: [isNew], success });
    await until(`batch ${batch} is written`, async () => {
      try {
        await client.kv.txn(request, { deadlineAt: Date.now() + 5000 });
        return true;
      } catch (error) {
        if (isTransient(error)) return false;
        throw error;
      }
    });
  }

  async function killServing(watch: Child): Promise<void> {
    const endpoint = watch.stderr
      .toString()
      .match(/(?<=using ).*/g)
      ?.at(-1);
    const member = group.members.find((each) => each.endpoint === endpoint);
    if (!member) throw new Error(`no member at ${endpoint}`);
    await group.kill(member);
    await group.restart(member);
  }
});

function keyOf(i: number): string {
  return `/w/${String(i).padStart(3, "0")}`;
}

function everyEvent(): string {
  const lines: string[] = [];
  for (let batch = 1; batch <= batches; batch++) {
    for (let i = 0; i < eventsEach; i++) lines.push(`PUT\n${keyOf(i)}\n${batch}\n`);
  }
  return lines.join("");
}
