#!/usr/bin/env node
// Loads dist/etcdctl.js with V8's code cache beside it, which saves a third of the start. The cache holds for one version
// of Node and one build; where it is missing, the first command that talks to a server leaves one, if it may write there.
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const vm = require("node:vm");
const { wrap } = require("node:module");

const bundle = path.join(__dirname, "..", "dist", "etcdctl.js");

/** The bundle's exports; `saveCache` keeps the code of what has run until then. */
function load() {
  const { mtimeMs, size } = fs.statSync(bundle);
  const file = `${bundle}.${process.version}-${process.arch}-${Math.trunc(mtimeMs)}-${size}.cache`;
  const cachedData = readIfThere(file);
  // The build writes nothing but ASCII, and latin1 needs no decoding.
  const script = new vm.Script(wrap(fs.readFileSync(bundle, "latin1")), { filename: bundle, cachedData });
  const bundled = { exports: {} };
  script.runInThisContext()(bundled.exports, require, bundled, bundle, path.dirname(bundle));
  return {
    start: bundled.exports.start,
    isCached: cachedData !== undefined && !script.cachedDataRejected,
    saveCache: () => replace(file, () => script.createCachedData()),
  };
}

function readIfThere(file) {
  try {
    return fs.readFileSync(file);
  } catch {
    return undefined;
  }
}

function replace(file, content) {
  const part = `${file}.${process.pid}`;
  try {
    fs.closeSync(fs.openSync(part, "wx"));
    fs.writeFileSync(part, content());
    fs.renameSync(part, file);
  } catch {
    // Installed where this user may not write: the next start is as slow as this one.
  }
}

/** `name`: which of the bundle's programs this process is. */
async function run(name) {
  if (!fs.existsSync(bundle)) {
    console.error(`Error: ${bundle} is missing\nhint: build it with: npm run build`);
    process.exit(1);
  }
  const { start, isCached, saveCache } = load();
  const end = await start(undefined, name);
  // What has not run is not in the cache: after `version` it would lack the part that takes long.
  if (!isCached && process.moduleLoadList.includes("NativeModule http2")) saveCache();
  end();
}

module.exports = { load, run };
if (require.main === module) void run("etcdctl");
