// `etcdctl defrag`, with the --data-dir that it had until etcd 3.5: then no server is asked.
// Answers to etcdctl's defrag_command.go of etcd 3.5.
import { defineCommand } from "../../commands/command";
import { command as online } from "../../commands/defrag";
import { defragment } from "../defrag";

export const command = defineCommand({
  flags: {
    ...online.flags,
    "data-dir": {
      kind: "string",
      completes: "directory",
      default: "",
      usage: "defragment the data dir of a stopped member instead",
    },
  },
  async run(context, args, flags, dashAt) {
    const { io } = context;
    if (flags["data-dir"] === "") return online.run(context, args, flags, dashAt);
    const note = "The --data-dir is going to be decomissioned in v3.6.";
    await io.stderr.write(`Use \`etcdutl defrag\` instead. ${note}\n\n`);
    return defragment(flags["data-dir"], 0, io);
  },
});
