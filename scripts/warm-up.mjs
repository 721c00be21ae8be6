// Writes V8's code cache for the built program: runs the most used commands once, and saves the compiled code of the functions that
// have run. The last step of `npm run build`.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const { loadProgram } = require("../bin/etcdctl.js");
const { connect, startEmbeddedServer } = require("../dist/index.js");

for (const name of Object.keys(process.env)) if (name.startsWith("ETCDCTL_")) delete process.env[name];
const server = await startEmbeddedServer();
const secureServer = await startEmbeddedServer({ tls: true });
const { cacert, cert, key } = secureServer.certificates.clientTls;
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
await serveOnce();
const folder = mkdtempSync(path.join(tmpdir(), "etcdctl-warm-up-"));
await serveOnce("--data-dir", path.join(folder, "data"));
rmSync(folder, { recursive: true });
process.exit(0);

/**
 * A separate process writes the cache of the files that only servers load. The other files have theirs already, so a put does not
 * read the functions of a server.
 */
async function serveOnce(...flags) {
  const program = fileURLToPath(new URL("../bin/etcdctl.js", import.meta.url));
  const words = ["serve", "--listen-client-urls", "http://127.0.0.1:0", ...flags];
  const child = spawn(process.execPath, [program, ...words], { stdio: ["ignore", "pipe", "ignore"] });
  const ended = once(child, "exit");
  let output = "";
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    output += chunk;
    if (output.endsWith("\n")) break;
  }
  const client = await connect({ endpoints: [output.trim().split(" ").pop()] });
  await client.put("key", "value");
  await client.close();
  child.kill();
  await ended;
}
