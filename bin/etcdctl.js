#!/usr/bin/env node
// Runs dist/etcdctl.js with V8's code cache from the same directory, which saves a third of the start time. A cache file is valid
// for one version of Node and one build. Without it, the first command that connects to a server writes it, if it can.
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const vm = require("node:vm");
const { wrap } = require("node:module");

const bundle = path.join(__dirname, "..", "dist", "etcdctl.js");

/** Loads the bundle. `saveCache` writes the compiled code of all functions that have run so far. */
function load() {
  const { mtimeMs, size } = fs.statSync(bundle);
  const file = `${bundle}.${process.version}-${process.arch}-${Math.trunc(mtimeMs)}-${size}.cache`;
  const cachedData = readIfExists(file);
  // The bundle is ASCII (scripts/build.mjs), and Node reads latin1 without decoding it.
  const script = new vm.Script(wrap(fs.readFileSync(bundle, "latin1")), { filename: bundle, cachedData });
  const bundled = { exports: {} };
  script.runInThisContext()(bundled.exports, require, bundled, bundle, path.dirname(bundle));
  return {
    start: bundled.exports.start,
    isCached: cachedData !== undefined && !script.cachedDataRejected,
    saveCache: () => writeAtomically(file, () => script.createCachedData()),
  };
}

function readIfExists(file) {
  try {
    return fs.readFileSync(file);
  } catch {
    return undefined;
  }
}

function writeAtomically(file, content) {
  const part = `${file}.${process.pid}`;
  try {
    fs.closeSync(fs.openSync(part, "wx"));
    fs.writeFileSync(part, content());
    fs.renameSync(part, file);
  } catch {
    // The user cannot write to the directory of the installation: the next start is as slow as this one.
  }
}

/** Runs the program `name` of the bundle: etcdctl or etcdutl. */
async function run(name) {
  if (!fs.existsSync(bundle)) {
    console.error(`Error: ${bundle} is missing\nhint: run npm run build`);
    process.exit(1);
  }
  const { start, isCached, saveCache } = load();
  const end = await start(undefined, name);
  // The cache has only functions that have run. After `version` it would lack the slow part, the connection.
  if (!isCached && process.moduleLoadList.includes("NativeModule net")) saveCache();
  end();
}

module.exports = { load, run };
if (require.main === module) void run("etcdctl");
