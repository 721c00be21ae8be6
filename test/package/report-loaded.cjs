// Preloaded into the program under test. When it exits, this writes a list of Node's modules that it has loaded.
const { writeFileSync } = require("node:fs");

// Modules that Node or this file have loaded before do not count.
const before = new Set(process.moduleLoadList);

process.on("exit", () => {
  const names = process.moduleLoadList
    .filter((entry) => !before.has(entry) && entry.startsWith("NativeModule "))
    .map((entry) => entry.slice("NativeModule ".length));
  writeFileSync(process.env.LOADED_REPORT, JSON.stringify(names));
});
