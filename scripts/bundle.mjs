// Makes bundles of the sources. A program is two files: dist/etcdctl.js has what the most used commands need, so that they start
// fast, and dist/etcdctl-rest.js everything else, which is read when it is first needed. The library is one file.
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";
import commander from "./commander/plugin.cjs";
import grpcJs from "./grpc-js/plugin.cjs";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
export const inRoot = (...parts) => path.join(root, ...parts);

/** What `version`, `put`, `get` and `del` import() on their way; test/cli/cold-start.test.ts has the list of all they load. */
export const hotModules = [
  ...["commands/version.ts", "commands/put.ts", "commands/get.ts", "commands/del.ts"],
  ...[
    "client/client.ts",
    "client/denied.ts",
    "client/range.ts",
    "output/load-printer.ts",
    "output/simple.ts",
    "output/json.ts",
  ],
  ...[
    "transport/open.ts",
    "transport/grpc/grpc-transport.ts",
    "transport/own/channel.ts",
    "transport/own/socket.ts",
    "transport/own/bun-socket.ts",
  ],
].map((file) => `src/${file}`);

async function bundleWith(options) {
  return build({
    absWorkingDir: root,
    bundle: true,
    platform: "node",
    target: "node20",
    charset: "ascii",
    metafile: true,
    // src/server/auth/passwords.ts runs it in a worker thread, which has no access to the modules of the bundle.
    define: { BCRYPT_SOURCE: JSON.stringify(await bcryptSource()) },
    logLevel: "warning",
    ...options,
    plugins: [grpcJs.plugin, commander.plugin, ...(options.plugins ?? [])],
  });
}

/** vm.Script, which the code cache needs, cannot run import(). esbuild makes it a lazy require() inside the bundle. */
const commonJs = {
  format: "cjs",
  target: "node20",
  supported: { "dynamic-import": false },
  charset: "ascii",
};

/** Each entry becomes one file. Resolves to the paths of the files in the bundles, relative to the project. */
export async function bundle(entryPoints, outdir, options = {}) {
  const { metafile } = await bundleWith({ entryPoints, outdir, ...commonJs, ...options });
  return Object.keys(metafile.inputs);
}

/**
 * Resolves to the texts of both files and the paths of the files in them. esbuild splits only ES modules, so it makes those
 * first; then each part becomes a function that has `exports` and `require`, as in CommonJS.
 */
export async function bundleProgram(entry, { minify = false } = {}) {
  const { metafile, outputFiles } = await bundleWith({
    entryPoints: [entry],
    outdir: inRoot("dist"),
    chunkNames: "[hash]",
    format: "esm",
    splitting: true,
    write: false,
    minify,
  });
  const outputs = new Map(
    Object.entries(metafile.outputs).map(([file, output]) => [path.basename(file), output]),
  );
  const hot = hotParts(outputs, entry);
  const parts = await Promise.all(
    outputFiles.map(async ({ path: file, text }) => {
      const { code } = await transform(text, { ...commonJs, platform: "node", minify });
      const name = path.basename(file);
      return { name, text: `${JSON.stringify(`./${name}`)}(exports,require,module){${code}}` };
    }),
  );
  parts.sort((a, b) => (a.name < b.name ? -1 : 1));
  const texts = (isHot) => parts.filter(({ name }) => hot.has(name) === isHot).map(({ text }) => text);
  const main = [...outputs].find(([, { entryPoint }]) => entryPoint === entry)[0];
  return {
    hot: `"use strict";\nconst parts={\n${texts(true).join(",\n")}};\n${loader}exports.load=load;exports.main=${JSON.stringify(`./${main}`)};\n`,
    rest: `"use strict";\nmodule.exports={\n${texts(false).join(",\n")}};\n`,
    inputs: Object.keys(metafile.inputs),
  };
}

/** `exports.rest`, which the file that loads the bundle sets, returns the parts of the other file. */
const loader = `const modules={};
function load(name){
  let module=modules[name];
  if(module===undefined){
    const part=parts[name]??exports.rest()[name];
    module=modules[name]={exports:{}};
    part(module.exports,requirePart,module);
  }
  return module.exports;
}
function requirePart(name){return name.startsWith("./")?load(name):require(name)}
`;

/** The parts that the entry and the hot modules load, without what they import() later. */
function hotParts(outputs, entry) {
  const isHot = ({ entryPoint }) => entryPoint === entry || hotModules.includes(entryPoint);
  const names = [...outputs].filter(([, output]) => isHot(output)).map(([name]) => name);
  if (names.length !== hotModules.length + 1) throw new Error("a hot module is not imported with import()");
  for (const name of names) {
    for (const { path: file, kind } of outputs.get(name).imports) {
      const imported = path.basename(file);
      if (kind === "import-statement" && outputs.has(imported) && !names.includes(imported))
        names.push(imported);
    }
  }
  return new Set(names);
}

async function bcryptSource() {
  const { outputFiles } = await build({
    stdin: { contents: 'module.exports = require("bcryptjs");', resolveDir: root },
    ...{ bundle: true, minify: true, write: false, platform: "node", target: "node20", format: "cjs" },
    charset: "ascii",
  });
  return outputFiles[0].text;
}
