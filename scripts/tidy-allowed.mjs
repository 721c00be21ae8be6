// What scripts/tidy.mjs lets pass: lines of `file` that contain `text`, for one rule, with the reason.
export const allowed = [
  {
    file: "test/support/until.ts",
    rule: "fixed sleep",
    text: "setTimeout(resolve, 15)",
    reason: "the one place where tests wait before they ask again",
  },
  {
    file: "test/conformance/run.ts",
    rule: "fixed sleep",
    text: "setTimeout(resolve, ms)",
    reason: "the recorded steps say how long to wait",
  },
  {
    file: "src/commands/lock.ts",
    rule: "tell",
    text: "tell",
    reason: "a value of the flag --on-lost",
  },
  {
    file: "docs/COMMANDS.md",
    rule: "tell",
    text: "tell",
    reason: "a value of the flag --on-lost",
  },
];
