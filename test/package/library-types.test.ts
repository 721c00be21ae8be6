// What the types of the packed library accept and refuse, in a project with strict settings.
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { run } from "../support/child";
import { workFolder } from "../support/work-folder";

const folder = workFolder();
const root = process.cwd();

/** tsc's errors for a program that has the package installed. */
async function compile(program: string): Promise<string> {
  mkdirSync(path.join(folder(), "node_modules", "@types"), { recursive: true });
  symlinkSync(root, path.join(folder(), "node_modules", "etcdctl-node"));
  symlinkSync(path.join(root, "node_modules/@types/node"), path.join(folder(), "node_modules/@types/node"));
  writeFileSync(path.join(folder(), "program.mts"), program);
  const tsc = path.join(root, "node_modules", "typescript", "bin", "tsc");
  const flags =
    "--noEmit --strict --exactOptionalPropertyTypes --module nodenext --target es2022 --types node";
  const { stdout } = await run([process.execPath, tsc, ...flags.split(" "), "program.mts"], {
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
  expect(await compile(program)).toBe("");
});
