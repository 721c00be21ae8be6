// Writes V8's code cache for the built program: runs the most used commands once in this process, against an embedded server,
// and saves the compiled code. The last step of `npm run build`.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { loadProgram } = require("../bin/etcdctl.js");
const { startEmbeddedServer } = require("../dist/index.js");

const server = await startEmbeddedServer();
const secureServer = await startEmbeddedServer({ tls: true });
const { cacert, cert, key } = secureServer.certificates.clientTls;
for (const name of Object.keys(process.env)) if (name.startsWith("ETCDCTL_")) delete process.env[name];
process.env.ETCDCTL_ENDPOINTS = server.endpoint;

const { start, scripts } = loadProgram();
for (const command of [
  "put key value",
  `put key value --endpoints ${secureServer.endpoint} --cacert ${cacert} --cert ${cert} --key ${key}`,
  "get key",
  "get k --prefix --keys-only -w json",
  "endpoint health",
  "get --help",
]) {
  await start(command.split(" "));
}
for (const { saveCache } of scripts) saveCache();
await server.stop();
await secureServer.stop();
process.exit(0);
