// Makes bundles of the sources. Each is several files, so that the most used commands read little: what every start needs, some
// groups that more commands need, the server, and the rest. Each is read when it is first needed. The library has one group, with
// a server and a client.
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";
import commander from "./commander/plugin.cjs";
import grpcJs from "./grpc-js/plugin.cjs";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
export const inRoot = (...parts) => path.join(root, ...parts);

/**
 * What `version`, `put`, `get` and `del` import() on their way; test/cli/cold-start.test.ts has the list of all they load. Each
 * group is one function, which runs when the first of its modules is needed. What two groups load is in the first of them.
 */
const groups = {
  start: ["cli/main.ts", "commands/version.ts"],
  connect: [
    ...["commands/put.ts", "client/client.ts", "client/denied.ts"],
    ...["output/load-printer.ts", "output/simple.ts"],
    ...["transport/open.ts", "transport/grpc/grpc-transport.ts", "transport/own/channel.ts"],
    ...["transport/own/socket.ts", "transport/own/bun-socket.ts"],
  ],
  read: ["commands/get.ts", "commands/del.ts", "output/json.ts"],
  tls: [
    ...["transport/tls/setup.ts", "transport/tls/usual-files.ts"],
    ...["transport/tls/connection.ts", "transport/tls/files.ts"],
  ],
};

/** What `serve` imports on its way to the first request, with its data in memory. */
const server = ["commands/serve.ts", "server/running-server.ts"];
/** What `serve` with a data dir and --offline import besides. */
const store = ["server/member/open-member.ts", "offline/path-in.ts", "offline/offline-transport.ts"];
/** A command that loads these files runs the server's engine. */
const engine = /^src\/server\/(member|mvcc)\//;

/** What the library loads for startEmbeddedServer(), connect() and a put. */
const libraryStart = [
  ...["index.ts", "server/testing/prepare.ts", "transport/open.ts"],
  ...["transport/grpc/grpc-transport.ts", "transport/own/channel.ts", "transport/own/socket.ts"],
];
/** The packages that make certificates are half as large as the library, and only tests with TLS need them. */
const certificates = "server/testing/certificates.ts";

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

/**
 * Resolves to the program's texts and the paths of the files in them. `start` is a script that exports `load` and the name of the
 * `main` module. What loads it sets `exports.group`, which returns a further group as a function (of `groups`), and
 * `exports.shelf`, which returns other parts as an object of functions (of `shelves`).
 */
export async function bundleProgram({ minify = false } = {}) {
  const { start, main, ...others } = await bundleParts({
    groups,
    shelvesOf: programShelves,
    requireOfGroups: "requireInGroup",
    minify,
  });
  return { start: `${start}exports.load=load;exports.main=${main};\n`, ...others };
}

/**
 * Resolves to the library's text, the texts of its `start` and its `shelves`, each for a file `index-…` beside it, and the paths
 * of the files in them. What loads `start` sets `exports.shelf`, and may set `exports.afterStop`, which runs when a server has
 * stopped.
 */
export async function bundleLibrary() {
  const { start, main, names, ...others } = await bundleParts({
    groups: { start: libraryStart },
    shelvesOf: libraryShelves,
    requireOfGroups: "requireNow",
  });
  const ends = "const afterStop=()=>exports.afterStop?.();\nexports.load=load;\n";
  return { index: libraryIndex(main, names), start: `${start}${ends}`, ...others };
}

/**
 * The module of the library. With V8's code cache it and a first server start in half the time. Only in Node: other runtimes, and
 * the contexts that jest makes for tests, where a script of `vm` has other globals, load it as a module. Node finds the names for
 * ES modules in the assignment that never runs.
 */
const libraryIndex = (main, names) => `"use strict";
const { wrap } = require("node:module");
const { runInThisContext } = require("node:vm");
const { bun, deno } = process.versions;
const library = fromCache() ?? require("./index-start.js");
library.shelf = (name) => require("./index-" + name + ".js");
module.exports = Object.defineProperty({ ...library.load(${main}) }, "__esModule", { value: true });
0 && (module.exports = { ${names.join(", ")} });

function fromCache() {
  if (bun !== undefined || deno !== undefined || runInThisContext("Function") !== Function) return undefined;
  try {
    const { load } = require("../bin/etcdctl.js");
    const { exports: library, isCached, saveCache } = load("index-start.js", wrap);
    if (!isCached) {
      library.afterStop = () => {
        library.afterStop = undefined;
        saveCache();
      };
    }
    return library;
  } catch {
    // As in a bundle of an application, which has not these files.
    return undefined;
  }
}
`;

/**
 * esbuild splits only ES modules, so it makes those first; then each part becomes a function that has `exports` and `require`, as
 * in CommonJS.
 */
async function bundleParts({ groups, shelvesOf, requireOfGroups, minify = false }) {
  const entry = `src/${groups.start[0]}`;
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
  const entryName = [...outputs].find(([, { entryPoint }]) => entryPoint === entry)[0];
  const partsOf = hotParts(outputs, groups);
  const groupOf = Object.fromEntries(
    Object.entries(partsOf).flatMap(([group, names]) => names.map((name) => [`./${name}`, group])),
  );
  const texts = new Map(outputFiles.map(({ path: file, text }) => [path.basename(file), withNames(text)]));
  const { start, ...others } = Object.fromEntries(
    await Promise.all(
      Object.entries(partsOf).map(async ([group, names]) => [group, await asOneFunction(names)]),
    ),
  );
  const shelfOf = shelvesOf(outputs, groupOf);
  const functions = {};
  for (const [name, text] of [...texts].sort()) {
    if (`./${name}` in groupOf) continue;
    (functions[shelfOf[`./${name}`] ?? "rest"] ??= []).push(await asFunction([name, text]));
  }
  return {
    // In parentheses, V8 compiles the function when it first reads it. Otherwise it parses a megabyte twice.
    start: `"use strict";\nconst groupOf=${JSON.stringify(groupOf)};\nconst shelfOf=${JSON.stringify(shelfOf)};\nconst start=(${start});\n${loader(requireOfGroups)}`,
    main: JSON.stringify(`./${entryName}`),
    names: outputs.get(entryName).exports,
    groups: others,
    shelves: Object.fromEntries(
      Object.entries(functions).map(([shelf, parts]) => [shelf, `{\n${parts.join(",\n")}}`]),
    ),
    inputs: Object.keys(metafile.inputs),
  };

  /** The part as a function. The name comes first, so that the order of the parts does not depend on their contents. */
  async function asFunction([name, text]) {
    const { code } = await transform(text, { ...commonJs, platform: "node", minify });
    return `${JSON.stringify(`./${name}`)}(exports,require,module){${code}}`;
  }

  /**
   * The parts of a group in one scope, so that few functions run at a start. It exports an object for each part that another group
   * or the rest imports.
   */
  async function asOneFunction(names) {
    const isOwn = (file) => names.includes(path.basename(file));
    const inGroup = ({ onResolve, onLoad }) => {
      onResolve({ filter: /^\.\// }, ({ path: file, kind }) =>
        kind === "dynamic-import" || kind === "require-call"
          ? { path: file, external: true }
          : { path: path.basename(file), namespace: isOwn(file) ? "part" : "other" },
      );
      onLoad({ filter: /.*/, namespace: "part" }, ({ path: name }) => ({ contents: texts.get(name) }));
      onLoad({ filter: /.*/, namespace: "other" }, ({ path: file }) => ({ contents: otherPart(file) }));
    };
    const imported = new Set([entryName]);
    for (const [name, { imports }] of outputs) {
      for (const { path: file, kind } of imports) {
        if (kind === "dynamic-import" || !isOwn(name)) imported.add(path.basename(file));
      }
    }
    const lines = names
      .filter((name) => imported.has(name))
      .map((name, at) => {
        const alias = outputs.get(name).exports.map((each) => [each, `${each}_${at}`]);
        const file = JSON.stringify(`./${name}`);
        return {
          load: `import { ${alias.map(([each, as]) => `${each} as ${as}`).join(", ")} } from ${file};`,
          object: `${file}: { ${alias.map(([each, as]) => `${each}: ${as}`).join(", ")} }`,
        };
      });
    const contents = `${lines.map(({ load }) => load).join("\n")}
exportParts({ ${lines.map(({ object }) => object).join(", ")} });`;
    const { outputFiles } = await build({
      stdin: { contents },
      ...{ ...commonJs, bundle: true, platform: "node", write: false, minify, logLevel: "warning" },
      plugins: [{ name: "group", setup: inGroup }],
    });
    return `function(require,exportParts){\n${outputFiles[0].text}}`;
  }

  /** A part of another group, for a group: loaded once, whichever of the parts import it. */
  function otherPart(name) {
    const names = outputs.get(name).exports.join(", ");
    return `export const { ${names} } = require(${JSON.stringify(`./${name}`)});`;
  }
}

/**
 * esbuild gives a package in CommonJS that is imported with import() only a default export. As module.exports, its names can be
 * imported too, as in Node.
 */
function withNames(text) {
  const isPackage = !/\bexport ?{/.test(text);
  return isPackage ? text.replace(/\bexport default ([\w$]+\(\);\s*)$/, "module.exports = $1") : text;
}

/**
 * A group of the program gets the runtime's modules as globals or as proxies, which load them when they are first used: node:fs
 * takes Bun as long as the rest of `version`, and only one of the two kinds of sockets is used. Other parts get proxies only of
 * modules that a server rarely uses and Node loads slowly: a proxy makes each access slower. Names without node: are of packages,
 * which extend such a module as a class, as ws does: a proxy is none. The library's group gets none: jest
 * refuses to load a module after the end of a test, when a server that was forgotten still saves its data dir. esbuild makes the
 * result of import() an object with the prototype of the module, so the prototype of a proxy is the proxy.
 */
const loader = (requireOfGroups) => `const modules={},groups={};
const globals={"node:process":process,"node:timers":globalThis};
function load(name){
  let module=modules[name];
  if(module===undefined){
    module=modules[name]={exports:{}};
    if(name in groupOf)module.exports=group(groupOf[name])[name];
    else exports.shelf(shelfOf[name]??"rest")[name](module.exports,requireInPart,module);
  }
  return module.exports;
}
function group(name){
  if(groups[name]===undefined)(name==="start"?start:exports.group(name))(${requireOfGroups},(parts)=>{groups[name]=parts});
  return groups[name];
}
function requireInGroup(name){
  if(name.startsWith("./"))return load(name);
  return globals[name]??(name.startsWith("node:")?atFirstUse(name):require(name));
}
const rare=["node:dns/promises","node:fs/promises","node:http","node:tls","node:worker_threads"];
function requireNow(name){
  return name.startsWith("./")?load(name):require(name);
}
function requireInPart(name){
  if(name.startsWith("./"))return load(name);
  return rare.includes(name)?atFirstUse(name):require(name);
}
function atFirstUse(name){
  const module=new Proxy({},{
    get:(target,key)=>key==="__esModule"?undefined:require(name)[key],
    getPrototypeOf:()=>module,
  });
  return module;
}
`;

/**
 * Where a part is that is in no group: what a server loads first is `server`, what its files need is `store`, except for what
 * commands without a server load too, `files`. All others are the rest.
 */
function programShelves(outputs, groupOf) {
  const hasEngine = (name) => Object.keys(outputs.get(name).inputs).some((file) => engine.test(file));
  const withoutServer = new Set();
  for (const [name, { entryPoint }] of outputs) {
    const loaded = loadedBy(outputs, [name]);
    const isHot = [...server, ...store].includes(entryPoint?.slice(4));
    if (entryPoint === undefined || loaded.some(hasEngine) || isHot) continue;
    for (const each of loaded) withoutServer.add(each);
  }
  const ofServer = loadedBy(outputs, partsWith(outputs, server));
  const shelf = (name) =>
    ofServer.includes(name) ? (withoutServer.has(name) ? "files" : "server") : "store";
  const loaded = [...ofServer, ...loadedBy(outputs, partsWith(outputs, store))];
  const free = loaded.filter((name) => !(`./${name}` in groupOf));
  return Object.fromEntries(free.sort().map((name) => [`./${name}`, shelf(name)]));
}

function libraryShelves(outputs, groupOf) {
  const isFree = (name) => !(`./${name}` in groupOf);
  const names = loadedBy(outputs, partsWith(outputs, [certificates])).filter(isFree);
  return Object.fromEntries(names.map((name) => [`./${name}`, "certificates"]));
}

function partsWith(outputs, files) {
  const names = [...outputs]
    .filter(([, { entryPoint }]) => files.some((file) => `src/${file}` === entryPoint))
    .map(([name]) => name);
  if (names.length !== files.length)
    throw new Error(`a hot module is not imported with import(): ${files.join(" ")}`);
  return names;
}

/** These parts and all that they load at their start, not with import(). */
function loadedBy(outputs, parts) {
  const names = new Set(parts);
  for (const name of names) {
    for (const { path: file, kind } of outputs.get(name).imports) {
      if (kind === "import-statement" && outputs.has(path.basename(file))) names.add(path.basename(file));
    }
  }
  return [...names];
}

/** For each group, the parts that it loads first. */
function hotParts(outputs, groups) {
  const taken = new Set();
  return Object.fromEntries(
    Object.entries(groups).map(([group, files]) => {
      const names = loadedBy(outputs, partsWith(outputs, files));
      const own = names.filter((name) => !taken.has(name)).sort();
      for (const name of own) taken.add(name);
      return [group, own];
    }),
  );
}

async function bcryptSource() {
  const { outputFiles } = await build({
    stdin: { contents: 'module.exports = require("bcryptjs");', resolveDir: root },
    ...{ bundle: true, minify: true, write: false, platform: "node", target: "node20", format: "cjs" },
    charset: "ascii",
  });
  return outputFiles[0].text;
}
