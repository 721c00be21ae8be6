// `npm run test:slow`: the tests named *.slow.test.ts, which need clusters, many processes or minutes.
module.exports = {
  ...require("./jest.config.cjs"),
  testMatch: ["**/*.slow.test.ts"],
  testPathIgnorePatterns: [],
};
