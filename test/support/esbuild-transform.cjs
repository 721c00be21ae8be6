// Lets jest run TypeScript through esbuild, the compiler of the build itself.
const { transformSync } = require("esbuild");

module.exports = {
  process(source, sourcefile) {
    return transformSync(source, {
      loader: "ts",
      format: "cjs",
      target: "node20",
      sourcefile,
      sourcemap: "inline",
      supported: { "dynamic-import": false },
    });
  },
};
