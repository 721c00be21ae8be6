// Leaves V8's code cache beside the built program: runs the commands of every day once, against an embedded server, in
// this process, and saves the code that ran. `npm run build` calls it; a start without the cache only takes longer.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { load } = require("../bin/etcdctl.js");
const { startEmbeddedServer } = require("../dist/index.js");

const server = await startEmbeddedServer();
for (const name of Object.keys(process.env)) if (name.startsWith("ETCDCTL_")) delete process.env[name];
process.env.ETCDCTL_ENDPOINTS = server.endpoint;

const { start, saveCache } = load();
for (const command of ["put key value", "get key", "get k --prefix --keys-only -w json", "endpoint health"]) {
  await start(command.split(" "));
}
saveCache();
await server.stop();
process.exit(0);
