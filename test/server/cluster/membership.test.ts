import { newMembership, restoredMembership, withAttributes } from "../../../src/server/cluster/membership";

describe("the ids of member and cluster", () => {
  test("Without flags the ids are those of an etcd without flags.", () => {
    const { clusterId, memberId } = newMembership({});
    expect({ clusterId, memberId }).toEqual({
      clusterId: 14841639068965178418n,
      memberId: 10276657743932975437n,
    });
  });

  test("The ids depend on peer URLs and token, and not on the order of the URLs.", () => {
    const ids = (initialCluster: string, initialClusterToken = "golden") =>
      newMembership({ name: "m0", initialCluster, initialClusterToken }).memberId;
    const both = ids("m0=http://127.0.0.1:2380,m0=http://127.0.0.1:2381");
    expect(ids("m0=http://127.0.0.1:2381,m0=http://127.0.0.1:2380")).toBe(both);
    expect(ids("m0=http://127.0.0.1:2380")).not.toBe(both);
    expect(ids("m0=http://127.0.0.1:2380", "other")).not.toBe(ids("m0=http://127.0.0.1:2380"));
  });

  test("The ids of a restored member come from the file.", () => {
    const stored = newMembership({ name: "old", initialCluster: "old=http://127.0.0.1:1" });
    const restored = restoredMembership(stored.members, { name: "new" });
    expect([restored.memberId, restored.clusterId]).toEqual([stored.memberId, stored.clusterId]);
    const attributes = { name: "new", clientURLs: ["http://127.0.0.1:2"] };
    const [member] = withAttributes(restored, restored.memberId, attributes).members;
    expect(member).toMatchObject({
      name: "new",
      peerURLs: ["http://127.0.0.1:1"],
      clientURLs: ["http://127.0.0.1:2"],
    });
  });
});

describe("an invalid initial cluster", () => {
  const refusal = (name: string, initialCluster: string) => () => newMembership({ name, initialCluster });

  test("An invalid initial cluster is refused with etcd's text.", () => {
    expect(refusal("a", "b=http://127.0.0.1:1")).toThrow(
      `couldn't find local name "a" in the initial cluster configuration`,
    );
    expect(refusal("a", "a=127.0.0.1:1")).toThrow(
      'parse "127.0.0.1:1": first path segment in URL cannot contain colon',
    );
    expect(refusal("a", "a=http://127.0.0.1")).toThrow(
      `URL address does not have the form "host:port": http://127.0.0.1`,
    );
    expect(refusal("a", "a=http://127.0.0.1:1/x")).toThrow(
      "URL must not contain a path: http://127.0.0.1:1/x",
    );
  });

  test("An initial cluster of several members is refused.", () => {
    expect(refusal("a", "a=http://127.0.0.1:1,b=http://127.0.0.1:2")).toThrow(
      "the embedded server is a cluster of one member, --initial-cluster names 2: a, b",
    );
  });
});
