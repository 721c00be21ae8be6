#!/usr/bin/env node
// Runs dist/etcdctl.js with V8's code cache, which saves a third of the start time. A cache file is valid for one version of
// Node and one build. It is beside the bundle or, where the user cannot write there, in the user's cache directory. Without it,
// the first command that connects to a server writes it, if it can. dist/index.js, the library, loads its main part in this way.
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const vm = require("node:vm");

const dist = path.join(__dirname, "..", "dist");

/**
 * Loads a file of dist/. `saveCache` writes the compiled code of all its functions that have run so far. `toFunction` makes the
 * text of a module a function, as the files of the program are (scripts/build.mjs).
 */
function load(name, toFunction = (text) => text) {
  const file = path.join(dist, name);
  const { mtimeMs, size } = fs.statSync(file);
  const caches = cacheFiles(
    `${name}.${process.version}-${process.arch}-${Math.trunc(mtimeMs)}-${size}.cache`,
  );
  const cachedData = readFirst(caches);
  // The file is ASCII (scripts/bundle.mjs), and Node reads latin1 without decoding it.
  const text = toFunction(fs.readFileSync(file, "latin1"));
  const script = new vm.Script(text, { filename: file, cachedData });
  const bundled = { exports: {} };
  script.runInThisContext()(bundled.exports, require, bundled);
  return {
    exports: bundled.exports,
    isCached: cachedData !== undefined && !script.cachedDataRejected,
    saveCache: () => caches.some((cache) => writeAtomically(cache, () => script.createCachedData())),
  };
}

/** Where a cache may be, the best place first. */
function cacheFiles(name) {
  const { XDG_CACHE_HOME, HOME, NODE_DISABLE_COMPILE_CACHE } = process.env;
  if (NODE_DISABLE_COMPILE_CACHE) return []; // as Node's compile cache
  const folder = XDG_CACHE_HOME || (HOME && path.join(HOME, ".cache"));
  const beside = { file: path.join(dist, name), isShared: true };
  if (!folder || !path.isAbsolute(folder)) return [beside];
  return [beside, { file: path.join(folder, "etcdctl-node", name), isShared: false }];
}

/** The code in a cache runs, so in a folder of the user it must be a file that only the user can have written. */
function readFirst(caches) {
  for (const { file, isShared } of caches) {
    try {
      if (isShared) return fs.readFileSync(file);
      const fd = fs.openSync(file, "r");
      try {
        if (isPrivate(fs.fstatSync(fd)) && isPrivate(fs.lstatSync(path.dirname(file))))
          return fs.readFileSync(fd);
      } finally {
        fs.closeSync(fd);
      }
    } catch {
      // There is none.
    }
  }
  return undefined;
}

function isPrivate({ uid, mode }) {
  return process.getuid !== undefined && uid === process.getuid() && (mode & 0o022) === 0;
}

/** True if it could write, or another process does. */
function writeAtomically({ file, isShared }, content) {
  const part = `${file}.${process.pid}`;
  try {
    if (!isShared) {
      fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
      if (!isPrivate(fs.lstatSync(path.dirname(file)))) return false;
    }
    fs.closeSync(fs.openSync(part, "wx", 0o644));
    fs.writeFileSync(part, content());
    fs.renameSync(part, file);
    return true;
  } catch {
    return false; // the next start is as slow as this one
  }
}

/** Loads the program. `scripts` has the files that are loaded so far. */
function loadProgram() {
  const scripts = [];
  const part = (name) => {
    const script = load(name);
    scripts.push(script);
    return script.exports;
  };
  const program = part("etcdctl.js");
  const shelves = {};
  program.group = (name) => part(`etcdctl-${name}.js`);
  program.shelf = (name) => (shelves[name] ??= part(`etcdctl-${name}.js`));
  return { start: program.load(program.main).start, scripts };
}

/** Runs the program `name` of the bundle: etcdctl or etcdutl. */
async function run(name) {
  if (!fs.existsSync(path.join(dist, "etcdctl.js"))) {
    console.error(`Error: ${path.join(dist, "etcdctl.js")} is missing\nhint: run npm run build`);
    process.exit(1);
  }
  const { start, scripts } = loadProgram();
  const end = await start(undefined, name);
  // The cache has only functions that have run. After `version` it would lack the slow part, the connection.
  if (process.moduleLoadList.includes("NativeModule net"))
    for (const { isCached, saveCache } of scripts) if (!isCached) saveCache();
  end();
}

module.exports = { load, loadProgram, run };
if (require.main === module) void run("etcdctl");
