// export and import between real clusters: the copy is that of make-mirror, and an import that was killed is completed by a second.
import { writeFileSync } from "node:fs";
import path from "node:path";
import { startEtcdctl } from "../support/etcdctl";
import { describeWithEtcd, startEtcd } from "../support/real-etcd";
import { runMain } from "../support/run-main";
import { seeded } from "../support/seeded";
import type { ServerGroup } from "../support/server-group";
import { until } from "../support/until";

const keyCount = 2000;

describeWithEtcd("3.5", "the keys of a real etcd", () => {
  const groups: ServerGroup[] = [];
  let [source, copy, mirror]: string[] = [];
  beforeAll(async () => {
    groups.push(...(await Promise.all([startEtcd("3.5"), startEtcd("3.5"), startEtcd("3.5")])));
    [source, copy, mirror] = groups.map(({ endpoints }) => endpoints[0]);
  });
  afterAll(() => Promise.all(groups.map((group) => group.stop())));

  const etcdctl = (endpoint: string | undefined, words: readonly string[], stdin?: Uint8Array) =>
    runMain(words, {
      env: { ETCDCTL_ENDPOINTS: endpoint, ETCDCTL_COMMAND_TIMEOUT: "60s" },
      ...(stdin && { stdin }),
    });

  const count = async (endpoint: string | undefined) =>
    Number((await etcdctl(endpoint, ["get", "", "--prefix", "--count-only"])).stdout);

  /** Keys and values of any bytes, some empty, some with a lease. */
  async function fill(): Promise<void> {
    const random = seeded(11);
    const bytes = (most: number) => Buffer.from(Array.from({ length: random(most) }, () => random(256)));
    const lines = Array.from({ length: keyCount }, (_, at) =>
      JSON.stringify({
        key_base64: Buffer.concat([Buffer.from(`k${at}/`), bytes(9)]).toString("base64"),
        ...(at % 10 === 0 ? { value: "" } : { value_base64: bytes(60).toString("base64") }),
        ...(at % 7 === 0 && { lease: "000000000000004d" }),
      }),
    );
    const lease = '{"lease":"000000000000004d","granted_ttl":6000}';
    const { exit } = await etcdctl(source, ["import", "-"], Buffer.from([lease, ...lines, ""].join("\n")));
    expect(exit).toBe(0);
  }

  test("are copied as by make-mirror, after an import that was killed", async () => {
    await fill();
    const exported = await etcdctl(source, ["export"]);
    const [group] = groups;
    const file = path.join(group?.dir ?? "", "export.jsonl");
    writeFileSync(file, exported.io.stdout.bytes);
    const child = startEtcdctl(["import", file, "--max-txn-ops=5"], { env: { ETCDCTL_ENDPOINTS: copy } });
    await until("the import has begun", async () => (await count(copy)) > 0);
    child.signal("SIGKILL");
    await child.ended;
    expect((await etcdctl(copy, ["import", file])).exit).toBe(0);
    expect(await etcdctl(source, ["diff", String(source), String(copy)])).toMatchObject({
      exit: 0,
      stdout: "",
    });
    const again = await etcdctl(copy, ["export"]);
    const withoutRevisions = (lines: string) =>
      lines.replaceAll(/"(?:\w+_)?(?:revision|version)":\d+,?/g, "");
    expect(withoutRevisions(again.stdout)).toBe(withoutRevisions(exported.stdout));

    const mirroring = startEtcdctl(["make-mirror", String(mirror)], { env: { ETCDCTL_ENDPOINTS: source } });
    await until("the mirror has all keys", async () => (await count(mirror)) === keyCount);
    mirroring.signal("SIGTERM");
    await mirroring.ended;
    expect(await etcdctl(copy, ["diff", String(copy), String(mirror)])).toMatchObject({
      exit: 0,
      stdout: "",
    });
  });
});
