module.exports = {
  testEnvironment: "node",
  roots: ["<rootDir>/test"],
  testMatch: ["**/*.test.ts"],
  transform: { "\\.ts$": "<rootDir>/test/support/esbuild-transform.cjs" },
  testTimeout: 30_000,
  maxWorkers: "100%",
};
