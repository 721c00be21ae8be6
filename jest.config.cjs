// `npm test`: the quick tests. Those named *.slow.test.ts are for `npm run test:slow` (jest.slow.config.cjs).
module.exports = {
  testEnvironment: "node",
  roots: ["<rootDir>/test"],
  testMatch: ["**/*.test.ts"],
  testPathIgnorePatterns: ["\\.slow\\.test\\.ts$"],
  transform: { "\\.ts$": "<rootDir>/test/support/esbuild-transform.cjs" },
  reporters: ["default", "<rootDir>/test/support/skip-reporter.cjs"],
  // The timeout ends a test that hangs. It is long because a busy machine may be ten times slower than an idle one.
  testTimeout: 180_000,
  maxWorkers: "100%",
};
