// Prints at the end of a jest run why tests were skipped: one line for each file and reason.
// The reason stands in the title, as test/support/skip.ts writes it.
const path = require("node:path");

module.exports = class SkipReporter {
  constructor({ testNamePattern }) {
    this.isFiltered = Boolean(testNamePattern);
  }

  onRunComplete(_contexts, { testResults }) {
    if (this.isFiltered) return; // jest counts what the pattern leaves out as skipped
    for (const line of skipLines(testResults)) process.stderr.write(`${line}\n`);
  }
};

function skipLines(testResults) {
  return testResults.flatMap(({ testFilePath, testResults: tests }) => {
    const counts = new Map();
    for (const { status, title } of tests) {
      if (status !== "pending") continue;
      const reason = /\(skipped: (.*)\)$/.exec(title)?.[1] ?? "no reason given";
      counts.set(reason, (counts.get(reason) ?? 0) + 1);
    }
    const file = path.relative(process.cwd(), testFilePath);
    return [...counts].map(
      ([reason, count]) => `skipped: ${file}: ${count} test${count === 1 ? "" : "s"}: ${reason}`,
    );
  });
}
