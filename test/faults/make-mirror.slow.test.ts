// make-mirror while the servers of both clusters are killed and restarted. In the end the destination equals the source, and
// its keys outside the mirrored prefix are untouched.
import { createClient, type EtcdClient } from "../../src/client/client";
import { readRange } from "../../src/client/range";
import { systemClock } from "../../src/clock";
import { EtcdError } from "../../src/errors";
import { CompactionRequest, TxnRequest, type RequestOp } from "../../src/proto/gen/etcdserverpb";
import { openTransport } from "../../src/transport/open";
import { deleteOp, deleteRequest, putOp, putRequest, rangeRequest } from "../support/requests";
import type { Child } from "../support/child";
import { startEtcdctl } from "../support/etcdctl";
import { describeWithEtcd, startEtcd } from "../support/real-etcd";
import type { Member, ServerGroup } from "../support/server-group";
import { until } from "../support/until";

interface Side {
  readonly group: ServerGroup;
  readonly member: Member;
  readonly client: EtcdClient;
}

async function startSide(): Promise<Side> {
  const group = await startEtcd("3.5");
  const [member] = group.members;
  if (!member) throw new Error("no member");
  const client = createClient(await openTransport({ endpoints: group.endpoints, clock: systemClock }));
  return { group, member, client };
}

async function stopSide({ client, group }: Side): Promise<void> {
  await client.close();
  await group.stop();
}

async function restart({ group, member }: Side): Promise<void> {
  await group.kill(member);
  await group.restart(member);
}

/** Retries until the server answers. Every call here may be repeated. */
async function retry<T>(call: () => Promise<T>): Promise<T> {
  return until("the server answers", async () => {
    try {
      return { answer: await call() };
    } catch (error) {
      if (error instanceof EtcdError) return undefined;
      throw error;
    }
  }).then(({ answer }) => answer);
}

const within = () => ({ deadlineAt: Date.now() + 30_000 });
const commit = ({ client }: Side, success: readonly RequestOp[]) =>
  retry(() => client.kv.txn(TxnRequest.create({ success: [...success] }), within()));

async function contents({ client }: Side, prefix: string): Promise<Map<string, string>> {
  const reading = {
    ...{ transport: client.transport, callOptions: within, streamOptions: () => ({}), clock: systemClock },
    requireStream: false,
  };
  const found = new Map<string, string>();
  const end = prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
  for await (const { kvs } of readRange(rangeRequest(prefix, end), reading)) {
    for (const { key, value } of kvs) {
      found.set(Buffer.from(key).toString().slice(prefix.length), Buffer.from(value).toString());
    }
  }
  return found;
}

function has({ client }: Side, key: string): Promise<boolean> {
  return retry(() => client.kv.range(rangeRequest(key), within())).then(({ kvs }) => kvs.length > 0);
}

const keyOf = (at: number) => `src/${String(at).padStart(6, "0")}`;
const count = (n: number) => Array.from({ length: n }, (_, at) => at);

describeWithEtcd("3.5", "make-mirror", () => {
  let source: Side;
  let destination: Side;
  let mirror: Child | undefined;
  beforeEach(async () => {
    [source, destination] = await Promise.all([startSide(), startSide()]);
  });
  afterEach(async () => {
    mirror?.signal("SIGKILL");
    await mirror?.ended;
    await Promise.all([source, destination].map(stopSide));
  });

  function startMirror(...flags: string[]): Child {
    const words = ["make-mirror", "--prefix", "src/", "--dest-prefix", "dst/", ...flags];
    mirror = startEtcdctl([...words, destination.member.endpoint], {
      cwd: source.group.workDir,
      endpoint: source.member.endpoint,
    });
    return mirror;
  }

  /** Waits until a key written now is mirrored: all earlier writes are mirrored too. */
  async function mirrored(mark: string): Promise<void> {
    await commit(source, [putOp(`src/~${mark}`, "")]);
    await until(`${mark} is there`, () => has(destination, `dst/~${mark}`));
    expect(mirror?.result).toBeUndefined();
  }

  async function expectEqual(): Promise<void> {
    const [here, there] = await Promise.all([contents(source, "src/"), contents(destination, "dst/")]);
    expect(there.size).toBe(here.size);
    for (const [key, value] of here)
      if (there.get(key) !== value) expect([key, there.get(key)]).toEqual([key, value]);
  }

  test("100,000 keys that change while both sides are killed and restarted end up equal", async () => {
    for (let at = 0; at < 60_000; at += 100) {
      await commit(
        source,
        count(100).map((i) => putOp(keyOf(at + i), `first ${at + i}`)),
      );
    }
    startMirror();
    let isWriting = true;
    const faults = async () => {
      for (const side of [destination, source, destination, source]) {
        await restart(side);
        if (!isWriting) return;
        await retry(() => side.client.kv.range(rangeRequest("any"), within()));
      }
    };
    const writing = async () => {
      for (let at = 60_000; at < 100_000; at += 100) {
        await commit(source, [
          ...count(100).map((i) => putOp(keyOf(at + i), `first ${at + i}`)),
          ...count(10).map((i) => putOp(keyOf(at - 60_000 + i), `second ${at}`)),
          ...count(10).map((i) => deleteOp(keyOf(at - 60_000 + 50 + i))),
        ]);
      }
      await commit(source, [deleteOp(keyOf(99_000), keyOf(99_500))]);
      isWriting = false;
    };
    await Promise.all([writing(), faults()]);
    await mirrored("the end");
    await expectEqual();
  });

  test("changes that the source compacted while the mirror was stopped are found by comparing all keys", async () => {
    await retry(() => destination.client.kv.put(putRequest("dst/not the mirror's", "1"), within()));
    for (let at = 0; at < 3000; at += 100)
      await commit(
        source,
        count(100).map((i) => putOp(keyOf(at + i), "1")),
      );
    const child = startMirror();
    await mirrored("begun");
    child.signal("SIGSTOP");
    await restart(source);
    await commit(source, [deleteOp(keyOf(0), keyOf(1500)), putOp(keyOf(2000), "2"), deleteOp(keyOf(2999))]);
    const { header } = await retry(() => source.client.kv.put(putRequest("other", ""), within()));
    await retry(() =>
      source.client.kv.compact(CompactionRequest.create({ revision: header?.revision ?? 0n }), within()),
    );
    child.signal("SIGCONT");
    await mirrored("gone on");
    expect(child.stderr.toString()).toContain("comparing all keys instead");
    await retry(() =>
      destination.client.kv.deleteRange(deleteRequest("dst/not the mirror's"), within()),
    ).then(({ deleted }) => expect(deleted).toBe(1n));
    await expectEqual();
  });

  test("events of one revision stay one transaction, and Ctrl-C ends the mirror with exit code 130", async () => {
    const child = startMirror();
    await mirrored("begun");
    await commit(
      source,
      count(100).map((i) => putOp(keyOf(i), "1")),
    );
    await mirrored("all");
    const { kvs } = await destination.client.kv.range(rangeRequest("dst/0", "dst/1"), within());
    expect(kvs).toHaveLength(100);
    expect(new Set(kvs.map(({ modRevision }) => modRevision)).size).toBe(1);
    child.signal("SIGINT");
    expect((await child.finish()).exit).toBe(130);
  });
});
