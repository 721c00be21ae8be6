// Single keys: put, get, delete, and the revisions and version in a key-value.
import { bytes, putRequest, show } from "../../support/requests";
import { freshServer, type Runner } from "../runner";

export function kvBehaviour(runner: Runner): void {
  const server = freshServer(runner);

  test("a fresh store is empty and at revision 1", async () => {
    const answer = await server.etcd.range("a");
    expect(answer).toMatchObject({ kvs: [], count: 0n, more: false, header: { revision: 1n } });
  });

  test("every put makes one revision and raises the version of its key", async () => {
    expect(await server.etcd.put("a", "1")).toBe(2n);
    expect(await server.etcd.put("b", "1")).toBe(3n);
    expect(await server.etcd.put("a", "2")).toBe(4n);
    expect(await server.etcd.shown("a")).toEqual(["a=2 c2 m4 v2"]);
  });

  test("a put after a delete starts the key again at version 1", async () => {
    await server.etcd.puts("a=1", "a=2");
    expect(await server.etcd.del("a")).toMatchObject({ deleted: 1n, header: { revision: 4n } });
    expect(await server.etcd.shown("a")).toEqual([]);
    await server.etcd.put("a", "3");
    expect(await server.etcd.shown("a")).toEqual(["a=3 c5 m5 v1"]);
  });

  test("a delete that finds no key makes no revision", async () => {
    await server.etcd.put("a", "1");
    expect(await server.etcd.del("b")).toMatchObject({ deleted: 0n, header: { revision: 2n } });
  });

  test("older revisions stay readable, also those before a delete", async () => {
    await server.etcd.puts("a=1", "a=2");
    await server.etcd.del("a");
    expect(await server.etcd.shown("a", "", { revision: 2n })).toEqual(["a=1 c2 m2 v1"]);
    expect(await server.etcd.shown("a", "", { revision: 3n })).toEqual(["a=2 c2 m3 v2"]);
    expect(await server.etcd.shown("a", "", { revision: 4n })).toEqual([]);
  });

  test("keys and values are bytes: zeros, invalid UTF-8 and empty values", async () => {
    const key = Uint8Array.of(0, 0xff, 0x80);
    await server.etcd.client.kv.put(putRequest("", "", { key, value: Uint8Array.of(0, 1, 0xfe) }));
    await server.etcd.put("empty", "");
    const { kvs } = await server.etcd.range("\0", "\0");
    expect(kvs.map((kv) => [...kv.value])).toEqual([[0, 1, 0xfe], []]);
    expect([...(kvs[0]?.key ?? [])]).toEqual([0, 0xff, 0x80]);
  });

  test("put and delete return the previous key-value when prev_kv is set", async () => {
    await server.etcd.put("a", "1");
    const put = await server.etcd.client.kv.put(putRequest("a", "2", { prevKv: true }));
    expect(show(put.prevKv)).toBe("a=1 c2 m2 v1");
    const first = await server.etcd.client.kv.put(putRequest("b", "1", { prevKv: true }));
    expect(first.prevKv).toBeUndefined();
    const deleted = await server.etcd.del("a", "z", { prevKv: true });
    expect(deleted.prevKvs.map(show)).toEqual(["a=2 c2 m3 v2", "b=1 c4 m4 v1"]);
    expect((await server.etcd.del("a", "z")).prevKvs).toEqual([]);
  });

  test("ignore_value keeps the value and still makes a revision", async () => {
    await server.etcd.put("a", "1");
    await server.etcd.put("a", "", { ignoreValue: true });
    expect(await server.etcd.shown("a")).toEqual(["a=1 c2 m3 v2"]);
  });

  test("a put detaches the key from its lease, with ignore_lease it does not", async () => {
    const { ID } = await server.etcd.grant(600n);
    await server.etcd.put("a", "1", { lease: ID });
    await server.etcd.put("a", "2", { ignoreLease: true });
    expect((await server.etcd.range("a")).kvs[0]?.lease).toBe(ID);
    await server.etcd.put("a", "3");
    expect((await server.etcd.range("a")).kvs[0]?.lease).toBe(0n);
    expect((await server.etcd.timeToLive(ID)).keys).toEqual([]);
  });

  test("a value near the request limit is returned whole", async () => {
    const value = Buffer.alloc(1_500_000, "x");
    await server.etcd.client.kv.put(putRequest("big", "", { value }));
    const { kvs } = await server.etcd.range("big");
    expect(value.equals(kvs[0]?.value ?? bytes(""))).toBe(true);
  });

  test("headers carry the IDs of cluster and member, and the term", async () => {
    const { header } = await server.etcd.range("a");
    expect(header?.clusterId).toBeGreaterThan(0n);
    expect(header?.memberId).toBeGreaterThan(0n);
    expect(header?.raftTerm).toBeGreaterThan(0n);
  });
}
