// Builds dist/etcdctl.js and dist/etcdctl-*.js (the programs), dist/index.js (the library) and dist/types. Then it runs some
// commands, which leaves V8's code cache beside the program.
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { bundleLibrary, bundleProgram, inRoot } from "./bundle.mjs";

// The bundles are overwritten, not deleted, so that etcdctl also runs during a build.
mkdirSync(inRoot("dist"), { recursive: true });
for (const name of readdirSync(inRoot("dist"))) {
  if (name === "types" || name.endsWith(".cache")) rmSync(inRoot("dist", name), { recursive: true });
}
const program = await bundleProgram();
writeProgram("etcdctl.js", program.start);
for (const [name, part] of Object.entries({ ...program.groups, ...program.shelves })) {
  writeProgram(`etcdctl-${name}.js`, `"use strict";\nmodule.exports=${part};\n`);
}
const library = await bundleLibrary();
writeFileSync(inRoot("dist", "index.js"), library.index);
writeFileSync(inRoot("dist", "index-start.js"), library.start);
for (const [name, parts] of Object.entries(library.shelves)) {
  writeFileSync(inRoot("dist", `index-${name}.js`), `"use strict";\nmodule.exports=${parts};\n`);
}
writeFileSync(
  inRoot("dist", "THIRD-PARTY-NOTICES.txt"),
  thirdPartyNotices([...library.inputs, ...program.inputs]),
);
for (const name of ["etcdctl.js", "etcdutl.js"]) chmodSync(inRoot("bin", name), 0o755);
execFileSync(
  process.execPath,
  [inRoot("node_modules/typescript/bin/tsc"), "-p", inRoot("tsconfig.types.json")],
  {
    stdio: "inherit",
  },
);
execFileSync(process.execPath, [inRoot("scripts", "warm-up.mjs")], {
  stdio: ["ignore", "ignore", "inherit"],
});

/** As one function, which bin/etcdctl.js calls: at a start there is no time to copy the text. */
function writeProgram(name, text) {
  writeFileSync(inRoot("dist", name), `(function(exports,require,module){${text}})\n`);
}

/** The licenses of the packages in the bundles: most licenses require a copy. */
function thirdPartyNotices(inputs) {
  const inPackage = /^node_modules\/((?:@[^/]+\/)?[^/]+)\//;
  const bundled = inputs.map((input) => inPackage.exec(input)?.[1]).filter(Boolean);
  const names = new Set([...bundled, "bcryptjs"]);
  return [...names]
    .sort()
    .map((name) => {
      const files = readdirSync(inRoot("node_modules", name));
      const { version, license } = JSON.parse(
        readFileSync(inRoot("node_modules", name, "package.json"), "utf8"),
      );
      const file = files.find((each) => /^licen[cs]e/i.test(each));
      const text = file === undefined ? "" : readFileSync(inRoot("node_modules", name, file), "utf8");
      return `${name} ${version} (${license})\n\n${text}`;
    })
    .join(`\n${"-".repeat(80)}\n\n`);
}
