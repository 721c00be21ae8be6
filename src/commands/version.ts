// `version`: which etcdctl this answers as. Looks at no flag, no environment, no server. Answers to version_command.go.
import { apiVersion, etcdVersion } from "../etcd/versions";
import { defineCommand } from "./command";

export const command = defineCommand({
  flags: {},
  async run({ io }) {
    await io.stdout.write(`etcdctl version: ${etcdVersion}\nAPI version: ${apiVersion}\n`);
  },
});
