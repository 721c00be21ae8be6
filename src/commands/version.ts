// `version`: the etcdctl version that this program is compatible with. Reads no setting and asks no server, as in Go. People see
// the version of this program too; a script reads Go's two lines.
// Go: etcdctl/ctlv3/command/version_command.go.
import { apiVersion, etcdVersion, ownVersion } from "../etcd/versions";
import { defineCommand } from "./command";

export const command = defineCommand({
  flags: {},
  async run({ io }) {
    const own = io.stdout.isTTY ? `etcdctl for Node: ${ownVersion}\n` : "";
    await io.stdout.write(`etcdctl version: ${etcdVersion}\nAPI version: ${apiVersion}\n${own}`);
  },
});
