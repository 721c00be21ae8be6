// What scripts/tidy.mjs lets pass: lines of `file` that contain `text`, for one rule, with the reason.
export const allowed = [
  {
    file: "test/support/until.ts",
    rule: "fixed sleep",
    text: "setTimeout(resolve, 15)",
    reason: "the one place where tests wait before they ask again",
  },
];
