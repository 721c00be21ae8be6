// What the types of the packed library accept and refuse, in a project with strict settings.
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { run } from "../support/child";
import { workFolder } from "../support/work-folder";

const folder = workFolder();
const root = process.cwd();

/** tsc's errors for programs that have the package installed. */
async function compile(...programs: readonly string[]): Promise<string> {
  mkdirSync(path.join(folder(), "node_modules", "@types"), { recursive: true });
  symlinkSync(root, path.join(folder(), "node_modules", "etcdctl-node"));
  symlinkSync(path.join(root, "node_modules/@types/node"), path.join(folder(), "node_modules/@types/node"));
  const files = programs.map((program, index) => {
    writeFileSync(path.join(folder(), `program${index}.mts`), program);
    return `program${index}.mts`;
  });
  const tsc = path.join(root, "node_modules", "typescript", "bin", "tsc");
  const flags =
    "--noEmit --strict --exactOptionalPropertyTypes --module nodenext --target es2022 --types node";
  const { stdout } = await run([process.execPath, tsc, ...flags.split(" "), ...files], {
    cwd: folder(),
  });
  return stdout.toString();
}

test("the types accept what the library accepts, and refuse what it refuses", async () => {
  const program = `
    import { connect, createClient, openTransport, startEmbeddedServer } from "etcdctl-node";
    import { LeaseGrantRequest, PutRequest, TxnRequest, WatchRequest } from "etcdctl-node";
    import type { ConnectOptions, EtcdClient, Input, PutResponse, TransportOptions } from "etcdctl-node";

    const put: PutRequest = PutRequest.create({ key: "a", value: new Uint8Array(1), lease: 7 });
    const key: Uint8Array = put.key;
    const lease: bigint = put.lease;
    const input: Input<PutRequest> = { key: Buffer.from("a"), value: new ArrayBuffer(1), lease: 7n, prevKv: undefined };
    const again: Input<PutRequest> = put;
    TxnRequest.create({ compare: [{ key: "a", targetUnion: { case: "version", value: 0 } }], success: [] });
    WatchRequest.create({ requestUnion: { case: "createRequest", value: { key: "a", startRevision: 1 } } });
    const options: ConnectOptions = { endpoints: ["a:1"], timeoutMs: 1000, dialTimeoutMs: 0 };
    const transportOptions: TransportOptions = { endpoints: ["a:1"] };

    export async function use(client: EtcdClient): Promise<PutResponse> {
      await client.cluster.memberList();
      await client.maintenance.status({});
      await client.kv.put(put);
      await client.kv.range({ key: "a", limit: 1 }, { timeoutMs: 100, deadlineAt: Date.now() + 50 });
      for await (const { events } of client.watch.watch([{ requestUnion: { case: "progressRequest", value: {} } }]))
        events.map(({ kv }) => kv?.value);
      for await (const { blob } of client.maintenance.snapshot()) blob.subarray(1);

      // @ts-expect-error a field is mistyped
      await client.lease.leaseGrant({ ttl: 5 });
      // @ts-expect-error a number is no key
      await client.kv.put({ key: 1 });
      // @ts-expect-error a string is no integer
      await client.kv.put({ lease: "7" });
      // @ts-expect-error a nested field is mistyped
      await client.kv.txn({ compare: [{ kee: "a" }] });
      // @ts-expect-error the case of the oneof is mistyped
      await client.kv.txn({ success: [{ request: { case: "requestGet", value: {} } }] });
      // @ts-expect-error the message has no fields
      await client.maintenance.status({ name: "a" });
      // @ts-expect-error null is not undefined
      await client.kv.put({ key: null });
      // @ts-expect-error an option of a call is mistyped
      await client.kv.put({ key: "a" }, { timeout: 5 });
      // @ts-expect-error a stream takes many requests
      client.watch.watch({ requestUnion: undefined });
      // @ts-expect-error a field is mistyped
      LeaseGrantRequest.create({ ttl: 5 });
      // @ts-expect-error an option is mistyped
      await connect({ endpoints: [], timeout: 5 });
      // @ts-expect-error a nested option is mistyped
      await connect({ endpoints: [], tls: { caCert: "a" } });
      // @ts-expect-error an option is mistyped
      await startEmbeddedServer({ limits: { quota: 1n } });
      // @ts-expect-error openTransport has no time limit for calls
      createClient(await openTransport({ endpoints: [], timeoutMs: 5 }));
      // @ts-expect-error an option is missing
      await connect({});
      return client.kv.put({ key, lease });
    }
    void [input, again, options, transportOptions];`;
  // The client for programs and the server for tests.
  const simple = `
    import { EtcdError, serverErrorName, startEmbeddedCluster, startEmbeddedServer, StatusCode, WatchCanceled } from "etcdctl-node";
    import type { Condition, Entries, EtcdClient, Lease, Lock, TxnOp, TxnResult, Value, WatchEvent } from "etcdctl-node";

    export async function use(client: EtcdClient): Promise<TxnResult> {
      const value: Value | undefined = await client.get("a", { revision: 5, timeoutMs: 100 });
      const all: Entries = await client.getAll({ prefix: "a", limit: 5, sortBy: "modify", order: "descend" });
      for (const [key, each] of all) console.log(key.length, each.bytes.length, each.string(), each.revision + 1n);
      const lease: Lease = await client.lease(10);
      const lock: Lock = await client.lock("l", { ttlSeconds: 5, signal: lease.lost });
      await client.put("a", new Uint8Array(1), { lease });
      await client.put("a", "1", { lease: 5n });
      await client.delete({ prefix: "" });
      const watcher = client.watch({ key: "a", fromRevision: 1 });
      for await (const event of watcher) {
        const { type, revision }: WatchEvent = event;
        console.log(type === "put", revision);
      }
      await client.election("e").campaign("me");
      await client.snapshot().toFile("a.db");
      const condition: Condition = { key: "a", exists: true };
      const op: TxnOp = { put: { key: "a", value: value?.bytes ?? "" } };
      await client.kv.range({ key: "a" });
      await client.lease.leaseGrant({ TTL: 5 });
      await lock.unlock();
      // @ts-expect-error an option is mistyped
      await client.put("a", "1", { leese: 5 });
      // @ts-expect-error a value is missing
      await client.put("a");
      // @ts-expect-error a number is no value
      await client.put("a", 1);
      // @ts-expect-error the value may be undefined
      value.string();
      // @ts-expect-error a step is mistyped
      await client.txn().then({ putt: { key: "a", value: "1" } });
      // @ts-expect-error a condition is mistyped
      client.txn().if({ key: "a", val: "1" });
      // @ts-expect-error an option is mistyped
      client.watch({ startRevision: 1 });
      return client.txn().if(condition).then(op, { get: "a" }).else({ delete: "a" });
    }

    export async function fail(): Promise<string | undefined> {
      const server = await startEmbeddedServer({ tls: true, auth: { users: { root: "r" } }, load: { a: "1" } });
      server.faults.fail({ methods: ["kv", "lease.leaseGrant"], error: "leaderChanged", when: "after", count: 1 });
      // @ts-expect-error a method is mistyped
      server.faults.delay({ methods: "kv.putt", ms: 5 });
      // @ts-expect-error an error is mistyped
      server.faults.fail({ error: "noleader" });
      // @ts-expect-error the time is missing
      server.faults.delay({});
      await server.reset({ keys: { a: "1" } });
      const cluster = await startEmbeddedCluster({ size: 3 });
      cluster.partition(cluster.members.slice(1));
      try {
        await server.client().get("a");
      } catch (error) {
        if (error instanceof WatchCanceled) return String(error.compactRevision);
        if (error instanceof EtcdError && error.code === StatusCode.NotFound) return serverErrorName(error);
      }
      return server.requests.of("kv.range")[0]?.method;
    }`;
  expect(await compile(program, simple)).toBe("");
});

// Such an import of a CommonJS module needs esModuleInterop, which not every project has.
test("the declarations have no default import", () => {
  const files = readdirSync("dist/types", { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".ts"),
  );
  expect(files).toContain("index.d.ts");
  const lines = files.flatMap((name) => readFileSync(path.join("dist/types", name), "utf8").split("\n"));
  expect(lines.filter((line) => /^import \w+(?:,.*)? from /.test(line))).toEqual([]);
});
