// Whether this process runs tests. A server that a test forgets to stop then does not keep the process alive.
// eslint-disable-next-line no-restricted-imports -- the runner is a fact of the process; no test passes another environment
import { env } from "node:process";

/** jest, vitest and `node --test` set these for the processes that run tests. */
const variables = ["JEST_WORKER_ID", "VITEST", "VITEST_WORKER_ID", "NODE_TEST_CONTEXT"];

/** Mocha sets no variable. Like jest and others it makes these functions global. */
const globals = ["describe", "it"];

export function isTestRunner(): boolean {
  const scope = globalThis as Readonly<Record<string, unknown>>;
  return (
    variables.some((name) => env[name] !== undefined) ||
    globals.every((name) => typeof scope[name] === "function")
  );
}
