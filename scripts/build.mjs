// Builds dist/: etcdctl.js (the program), index.js (the library) and types/. One CommonJS file each, with everything in
// it, since that starts fastest; then one command is run, so that V8's code cache lies beside the program.
import { execFileSync } from "node:child_process";
import { chmodSync, rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import commander from "./commander-plugin.cjs";
import grpcJs from "./grpc-js/plugin.cjs";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const inRoot = (...parts) => path.join(root, ...parts);

rmSync(inRoot("dist"), { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: { etcdctl: "src/cli/start.ts", index: "src/index.ts" },
  outdir: "dist",
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  // vm.Script, which the code cache needs, has no import() of its own; require() of what is in the file is as lazy.
  supported: { "dynamic-import": false },
  minify: true,
  charset: "ascii",
  legalComments: "none",
  plugins: [grpcJs.plugin, commander.plugin],
  logLevel: "warning",
});
chmodSync(inRoot("bin", "etcdctl.js"), 0o755);
execFileSync(
  process.execPath,
  [inRoot("node_modules/typescript/bin/tsc"), "-p", inRoot("tsconfig.types.json")],
  {
    stdio: "inherit",
  },
);
execFileSync(process.execPath, [inRoot("scripts", "warm-up.mjs")], {
  stdio: ["ignore", "ignore", "inherit"],
});
