// Preloaded into the program under test: at its end, writes which of Node's own modules it has loaded by then.
const { writeFileSync } = require("node:fs");

// What Node loads for itself, or this file did, is there already.
const before = new Set(process.moduleLoadList);

process.on("exit", () => {
  const names = process.moduleLoadList
    .filter((entry) => !before.has(entry) && entry.startsWith("NativeModule "))
    .map((entry) => entry.slice("NativeModule ".length));
  writeFileSync(process.env.LOADED_REPORT, JSON.stringify(names));
});
