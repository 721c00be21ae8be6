// `version`: the etcdctl version that this program is compatible with. Reads no setting and asks no server, as in Go.
// Go: etcdctl/ctlv3/command/version_command.go.
import { apiVersion, etcdVersion } from "../etcd/versions";
import { defineCommand } from "./command";

export const command = defineCommand({
  flags: {},
  async run({ io }) {
    await io.stdout.write(`etcdctl version: ${etcdVersion}\nAPI version: ${apiVersion}\n`);
  },
});
