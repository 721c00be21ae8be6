// The time of one command, from its start to its exit.
import { find, floor, ours, startEtcd } from "../support/programs.mjs";

const trial = (name, description, programs) => ({
  name: `cold-start/${name}`,
  description,
  rounds: 21,
  async setUp() {
    const etcd = await startEtcd();
    const go = find("etcdctl");
    if (!etcd || !go) return { skip: "no etcd and etcdctl in ETCD_BIN_DIR or PATH" };
    return {
      programs: programs({ etcd, go, flags: ["--endpoints", etcd.endpoint] }),
      tearDown: () => etcd.stop(),
    };
  },
});

const empty = { name: "node -e 0", argv: [process.execPath, "-e", "0"] };

export default [
  trial("version", "prints two lines", ({ go }) => [
    { name: "Go etcdctl", argv: [go, "version"] },
    empty,
    { name: "ours", argv: [...ours, "version"] },
  ]),
  trial("put", "one key, plaintext", ({ go, etcd, flags }) => [
    { name: "Go etcdctl", argv: [go, ...flags, "put", "k", "v"] },
    empty,
    { name: "floor: node:http2", argv: [process.execPath, floor("h2-put.mjs"), etcd.endpoint] },
    { name: "floor: grpc-js", argv: [process.execPath, floor("grpc-put.cjs"), etcd.endpoint] },
    { name: "ours", argv: [...ours, ...flags, "put", "k", "v"] },
  ]),
  trial("get", "one key, plaintext", ({ go, flags }) => [
    { name: "Go etcdctl", argv: [go, ...flags, "get", "k"] },
    { name: "ours", argv: [...ours, ...flags, "get", "k"] },
  ]),
];
