// make-mirror within one cluster: it is rejected if it would mirror the keys that it writes; otherwise it copies to another prefix.
import { main } from "../../src/cli/main";
import { PutRequest, RangeRequest, startEmbeddedServer, type EmbeddedServer } from "../../src/index";
import { runMain } from "../support/run-main";
import { testIo } from "../support/test-io";
import { until } from "../support/until";

let server: EmbeddedServer;
beforeAll(async () => {
  server = await startEmbeddedServer({ keys: { "src/a": "1", "src/b": "2" } });
});
afterAll(() => server.stop());

const world = (endpoint = server.endpoint) => testIo({ env: { ETCDCTL_ENDPOINTS: endpoint } });

async function etcdctl(...words: readonly string[]) {
  const { exit, stdout, stderr } = await runMain(words, { env: { ETCDCTL_ENDPOINTS: server.endpoint } });
  return { exit, stdout, stderr };
}

test.each([
  [[], "", ""],
  [["--prefix=src/"], "src/", "src/"],
  [["--dest-prefix=dst/"], "dst/", ""],
  [["--prefix=src/", "--dest-prefix=src/copy/"], "src/copy/", "src/"],
])("make-mirror %j to its source is rejected and writes nothing", async (flags, to, from) => {
  const before = await etcdctl("get", "", "--prefix");
  const { exit, stdout, stderr } = await etcdctl("make-mirror", server.endpoint, ...flags);
  expect({ exit, stdout }).toEqual({ exit: 128, stdout: "" });
  expect(stderr).toContain(
    `Error: the destination is the source's own cluster, and its prefix "${to}" is inside "${from}": every write`,
  );
  expect(await etcdctl("get", "", "--prefix")).toEqual(before);
});

test("make-mirror to another prefix of its source copies, applies changes, and ends with Ctrl-C", async () => {
  const io = world();
  const mirror = main(["make-mirror", server.endpoint, "--prefix=src/", "--dest-prefix=dst/"], io);
  const shows = async (text: string) => (await etcdctl("get", "dst/", "--prefix")).stdout === text;
  await until("the copy is there", () => shows("dst/a\n1\ndst/b\n2\n"));
  await etcdctl("put", "src/c", "3");
  await etcdctl("del", "src/a");
  await until("the changes are there", () => shows("dst/b\n2\ndst/c\n3\n"));
  io.sendSignal("SIGINT");
  expect(await mirror).toBe(130);
});

test("a value of the maximum size at the source is copied", async () => {
  const key = `src/${"k".repeat(200)}`;
  const value = Buffer.alloc(1.5 * 1024 * 1024 - 260, "v");
  const source = await startEmbeddedServer();
  const destination = await startEmbeddedServer();
  try {
    await source.client().kv.put(PutRequest.create({ key: Buffer.from(key), value }));
    const io = world(source.endpoint);
    const mirror = main(["make-mirror", destination.endpoint], io);
    const copied = async () =>
      (await destination.client().kv.range(RangeRequest.create({ key: Buffer.from(key) }))).kvs[0]?.value;
    await until("the value is there", async () => (await copied())?.length === value.length);
    io.sendSignal("SIGINT");
    expect(await mirror).toBe(130);
  } finally {
    await source.stop();
    await destination.stop();
  }
});

test("the error names the destination if it cannot be reached", async () => {
  const { exit, stderr } = await etcdctl("make-mirror", "127.0.0.1:1", "--command-timeout=300ms");
  expect(exit).toBe(1);
  expect(stderr).toContain("connection refused; start etcd there or correct the destination's endpoints\n");
  expect(stderr).toContain("hint: the error is from the destination\n");
});
