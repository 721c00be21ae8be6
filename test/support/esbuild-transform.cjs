// jest compiles TypeScript with esbuild, as the build does.
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
