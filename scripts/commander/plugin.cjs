// An esbuild plugin: commander gets a stand-in for node:child_process, which it would load at every start, and node:net with it.
// Commander uses it only for subcommands that are separate executables; this program has none.
const path = require("node:path");

const fromCommander = /node_modules[\\/]commander[\\/]/;

const plugin = {
  name: "commander",
  setup(build) {
    build.onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      fromCommander.test(importer) ? { path: path.join(__dirname, "child_process.cjs") } : undefined,
    );
  },
};

module.exports = { plugin };
