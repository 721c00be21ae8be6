// Compaction: which revisions it removes and which it keeps.
import { freshServer, type Runner } from "../runner";

const compacted = { message: "etcdserver: mvcc: required revision has been compacted", code: 11 };

export function compactionBehaviour(runner: Runner): void {
  const server = freshServer(runner);

  test("compaction removes overwritten values and keeps the newest", async () => {
    await server.etcd.puts("a=1", "b=1", "a=2", "a=3");
    await server.etcd.compact(4n, true);
    await expect(server.etcd.range("a", "", { revision: 3n })).rejects.toMatchObject(compacted);
    expect(await server.etcd.shown("a", "z", { revision: 4n })).toEqual(["a=2 c2 m4 v2", "b=1 c3 m3 v1"]);
    expect(await server.etcd.shown("a", "z")).toEqual(["a=3 c2 m5 v3", "b=1 c3 m3 v1"]);
  });

  test("compaction makes no revision, and deleted keys stay deleted", async () => {
    await server.etcd.put("a", "1");
    await server.etcd.del("a");
    await server.etcd.put("b", "1");
    expect((await server.etcd.compact(3n, true)).header?.revision).toBe(4n);
    expect(await server.etcd.keys("\0", "\0")).toBe("b");
    expect(await server.etcd.shown("a", "", { revision: 3n })).toEqual([]);
    await server.etcd.put("a", "2");
    expect(await server.etcd.shown("a")).toEqual(["a=2 c5 m5 v1"]);
  });

  test("a key that was deleted and created again keeps the generation that is still readable", async () => {
    await server.etcd.put("a", "1");
    await server.etcd.del("a");
    await server.etcd.puts("a=2", "a=3");
    await server.etcd.compact(4n);
    expect(await server.etcd.shown("a", "", { revision: 4n })).toEqual(["a=2 c4 m4 v1"]);
    expect(await server.etcd.shown("a")).toEqual(["a=3 c4 m5 v2"]);
  });

  test("the current revision can be compacted, but only once", async () => {
    await server.etcd.puts("a=1", "a=2");
    await server.etcd.compact(3n);
    expect(await server.etcd.shown("a", "", { revision: 3n })).toEqual(["a=2 c2 m3 v2"]);
    await expect(server.etcd.compact(3n)).rejects.toMatchObject(compacted);
    await expect(server.etcd.compact(2n)).rejects.toMatchObject(compacted);
  });

  test("a future revision cannot be compacted", async () => {
    await expect(server.etcd.compact(9n)).rejects.toMatchObject({
      message: "etcdserver: mvcc: required revision is a future revision",
    });
  });
}
