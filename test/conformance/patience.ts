// Deadlines of recorded steps. etcdctl gives up after 5 seconds, with version 2 after 2, and some steps set less; a busy
// machine may need longer. Where the transcript shows a success or an error of the server, the deadline is long. Where it shows
// that etcdctl gave up, it stays.
import { patience } from "../support/patience";
import type { RunStep } from "./case";

const long = "60s";
const limitsOfVersion2 = [`--timeout=${long}`, `--total-timeout=${long}`];
const limits = /^(--(?:command|dial)-timeout=)(?!0)\d+m?s$/;

export function patient(step: RunStep): { words: readonly string[]; env: Readonly<Record<string, string>> } {
  if (givesUp(step)) return { words: step.args, env: {} };
  if (step.env?.["ETCDCTL_API"] === "2") {
    // Global flags stand before the command. `version` is found only without them, and other words may be what a case is about.
    const hasCommand = step.args.length > 0 && step.args[0] !== "version" && step.exit === 0;
    return { words: hasCommand ? [...limitsOfVersion2, ...step.args] : step.args, env: {} };
  }
  return {
    words: step.args.map((word) => word.replace(limits, `$1${long}`)),
    env: { ...patience, ETCDCTL_DIAL_TIMEOUT: long },
  };
}

function givesUp({ args, exit, stdout = "", stderr = "" }: RunStep): boolean {
  const setsLimit = args.some((word) => limits.test(word));
  return `${stdout}${stderr}`.includes("deadline exceeded") || (setsLimit && exit !== 0);
}
