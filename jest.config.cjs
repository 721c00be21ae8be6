module.exports = {
  testEnvironment: "node",
  roots: ["<rootDir>/test"],
  testMatch: ["**/*.test.ts"],
  transform: { "\\.ts$": "<rootDir>/test/support/esbuild-transform.cjs" },
  // Ends a hang, and measures nothing: a busy machine may be ten times slower than an idle one.
  testTimeout: 180_000,
  maxWorkers: "100%",
};
