// The time of one command, from its start to its exit.
import { reportPhases } from "../support/phases.mjs";
import { executable, find, floor, ours, startEtcd } from "../support/programs.mjs";

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
    ...executable(["version"]),
  ]),
  trial("put", "one key, plaintext", ({ go, etcd, flags }) => [
    { name: "Go etcdctl", argv: [go, ...flags, "put", "k", "v"] },
    empty,
    { name: "floor: node:http2", argv: [process.execPath, floor("h2-put.mjs"), etcd.endpoint] },
    { name: "floor: grpc-js", argv: [process.execPath, floor("grpc-put.cjs"), etcd.endpoint] },
    { name: "ours", argv: [...ours, ...flags, "put", "k", "v"] },
    ...executable([...flags, "put", "k", "v"]),
  ]),
  trial("get", "one key, plaintext", ({ go, flags }) => [
    { name: "Go etcdctl", argv: [go, ...flags, "get", "k"] },
    { name: "ours", argv: [...ours, ...flags, "get", "k"] },
    ...executable([...flags, "get", "k"]),
  ]),
  {
    name: "cold-start/phases",
    description: "where the milliseconds of a put go, on Node",
    async setUp() {
      const etcd = await startEtcd();
      if (!etcd) return { skip: "no etcd in ETCD_BIN_DIR or PATH" };
      const argv = [...ours, "--endpoints", etcd.endpoint, "put", "k", "v"];
      return { report: (rounds = 21) => reportPhases(argv, rounds), tearDown: () => etcd.stop() };
    },
  },
];
