// `endpoint hashkv`: the hash of each endpoint's keys and history, equal where the members agree.
// One that does not answer is told on stderr and left out; then the last error is the command's.
// Answers to etcdctl's ep_command.go.
import { defineCommand } from "../command";
import type { FlagTable } from "../flags";
import { answersOfEach, clusterFlag } from "./each-endpoint";

const hashKVFlags = {
  ...clusterFlag,
  rev: { kind: "int64", default: 0n, usage: "hash up to this revision; 0 is the latest" },
} as const satisfies FlagTable;

export const command = defineCommand({
  flags: hashKVFlags,
  async run(context, _args, { cluster, rev }) {
    const printer = await context.printer();
    const { rows, failure } = await answersOfEach(context, cluster, "hash", (client) =>
      client.maintenance.hashKV({ revision: rev }, context.call()),
    );
    await context.io.stdout.write(printer.endpointHashKV(rows));
    if (failure) throw failure;
  },
});
