// Makes one CommonJS file from the sources: the programs and the library (build.mjs), and the program inside the executable
// (build-executable.mjs).
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import commander from "./commander/plugin.cjs";
import grpcJs from "./grpc-js/plugin.cjs";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
export const inRoot = (...parts) => path.join(root, ...parts);

/** Resolves to the paths of the files in the bundles, relative to the project. */
export async function bundle(entryPoints, outdir, options = {}) {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints,
    outdir,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    // vm.Script, which the code cache needs, cannot run import(). esbuild makes it a lazy require() inside the bundle.
    supported: { "dynamic-import": false },
    charset: "ascii",
    metafile: true,
    // src/server/auth/passwords.ts runs it in a worker thread, which has no access to the modules of the bundle.
    define: { BCRYPT_SOURCE: JSON.stringify(await bcryptSource()) },
    logLevel: "warning",
    ...options,
    plugins: [grpcJs.plugin, commander.plugin, ...(options.plugins ?? [])],
  });
  return Object.keys(metafile.inputs);
}

async function bcryptSource() {
  const { outputFiles } = await build({
    stdin: { contents: 'module.exports = require("bcryptjs");', resolveDir: root },
    ...{ bundle: true, minify: true, write: false, platform: "node", target: "node20", format: "cjs" },
    charset: "ascii",
  });
  return outputFiles[0].text;
}
