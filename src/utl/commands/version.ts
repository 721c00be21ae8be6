// `etcdutl version`. Answers to etcdutl's version_command.go.
import { defineCommand } from "../../commands/command";
import { etcdVersion } from "../../etcd-version";
import { utlFlags } from "../flags";

export const command = defineCommand({
  flags: utlFlags,
  async run({ io }) {
    const api = etcdVersion.replace(/\.\d+$/, "");
    await io.stdout.write(`etcdutl version: ${etcdVersion}\nAPI version: ${api}\n`);
  },
});
