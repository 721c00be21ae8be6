// An esbuild plugin that lets commander load node:child_process, and with it node:net, only for what it needs them for:
// subcommands that are programs of their own, of which there are none here.
const { readFileSync } = require("node:fs");

const eager = "const childProcess = require('node:child_process');";
const lazy = "const childProcess = { get spawn() { return require('node:child_process').spawn; } };";

const plugin = {
  name: "commander",
  setup(build) {
    build.onLoad({ filter: /commander[\\/]lib[\\/]command\.js$/ }, ({ path: file }) => {
      const source = readFileSync(file, "utf8");
      if (!source.includes(eager)) throw new Error(`${file} does not load child_process as it used to`);
      return { contents: source.replace(eager, lazy), loader: "js" };
    });
  },
};

module.exports = { plugin };
