// The entry of the executable (scripts/build-executable.mjs). One file is all programs: its name, or the name of a link to
// it, selects etcdctl, etcdutl, or the server for `etcd`, as busybox does.
import path from "node:path";
import { start, type ProgramName } from "./main";
import { processArguments, processName } from "./system-io";

const argv = processArguments();
const name = path.parse(processName()).name;
const program: ProgramName = name === "etcdutl" ? name : "etcdctl";

void start(name === "etcd" ? ["serve", ...argv] : argv, program).then((end) => {
  end();
});
