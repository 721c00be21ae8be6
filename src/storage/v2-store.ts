// etcd's store of API 2 as JSON, which a .snap file holds.
import { jsonString } from "../go/quote";
import type { StoredMember } from "./contents";

/** The size of the event history in etcd's store of API 2. */
const historyCapacity = 1000;

/**
 * The members as JSON of etcd's store of API 2. A .snap file must carry it, since etcd 3.4 and 3.5 read the membership from
 * it. The text equals that of a store in which each member was created in turn, so it has one event for each.
 * Go: server/etcdserver/cluster_util.go (GetMembershipInfoInV2Format), server/etcdserver/api/v2store
 */
export function membershipStore(members: readonly StoredMember[]): string {
  const count = members.length;
  const nodes = members.map((member, position) => memberNode(member, position + 1));
  const children = [...nodes].sort((a, b) => (a.id < b.id ? -1 : 1));
  const root = directory("/", 0, [
    [
      "0",
      directory("/0", 0, [
        [
          "members",
          directory(
            "/0/members",
            1,
            children.map(({ id, node }) => [id, node]),
          ),
        ],
      ]),
    ],
    ["1", directory("/1", 0, [])],
  ]);
  const events = nodes.map(({ event }) => event);
  const emptyEvents = new Array<string>(historyCapacity - count).fill("null");
  const queue =
    `{"Events":[${[...events, ...emptyEvents].join(",")}],` +
    `"Size":${count},"Front":0,"Back":${count},"Capacity":${historyCapacity}}`;
  const history = `{"Queue":${queue},"StartIndex":1,"LastIndex":${count}}`;
  return (
    `{"Root":${root},"WatcherHub":{"EventHistory":${history}},` +
    `"CurrentIndex":${count},"Stats":${statistics(count)},"CurrentVersion":2}`
  );
}

function memberNode({ id, peerURLs }: StoredMember, index: number) {
  const hex = id.toString(16);
  const path = `/0/members/${hex}`;
  const value = jsonString(`{"peerURLs":[${peerURLs.map(jsonString).join(",")}]}`);
  const key = `${path}/raftAttributes`;
  const attributes = `{${head(key, index)},"Value":${value},"Children":null}`;
  return {
    id: hex,
    node: directory(path, index, [["raftAttributes", attributes]]),
    event: `{"action":"create","node":{"key":"${key}","value":${value},"modifiedIndex":${index},"createdIndex":${index}}}`,
  };
}

function directory(path: string, index: number, children: readonly (readonly [string, string])[]): string {
  const inside = children.map(([name, node]) => `"${name}":${node}`).join(",");
  return `{${head(path, index)},"Value":"","Children":{${inside}}}`;
}

function head(path: string, index: number): string {
  return `"Path":"${path}","CreatedIndex":${index},"ModifiedIndex":${index},"ExpireTime":"0001-01-01T00:00:00Z"`;
}

function statistics(createCount: number): string {
  const before = ["setsSuccess", "setsFail", "deleteSuccess", "deleteFail", "updateSuccess", "updateFail"];
  const after = [
    ...["createFail", "compareAndSwapSuccess", "compareAndSwapFail", "compareAndDeleteSuccess"],
    ...["compareAndDeleteFail", "expireCount", "watchers"],
  ];
  const zero = (name: string) => `"${name}":0`;
  // etcd looks for members once before it creates them.
  const gets = ['"getsSuccess":0', '"getsFail":1'];
  return `{${[...gets, ...before.map(zero), `"createSuccess":${createCount}`, ...after.map(zero)].join(",")}}`;
}
