// The lines that `txn` reads from stdin: compares, then requests.
import { BadOperator } from "../../../src/commands/txn/compare";
import { readTxn } from "../../../src/commands/txn/txn";
import { CliError } from "../../../src/errors";
import { testIo } from "../../support/test-io";
import { text, type FuzzTarget } from "../target";

/** `del a b` waits before it deletes; this clock does not. */
const clock = {
  now: () => 0,
  monotonicNs: () => 0n,
  setTimeout(callback: () => void) {
    queueMicrotask(callback);
    return { cancel: () => undefined };
  },
};

export const target: FuzzTarget = {
  seeds: () => [
    text(
      'value("k") = "v"',
      'mod("a b") > "3"',
      "",
      'put k "a\\nb" --lease=1f',
      "get a --prefix",
      "",
      "del a b",
      "",
      "",
    ),
    text("lease(`k`) != `1`", "", "put 'k' v --prev-kv", "", "get --from-key '' --limit 3", ""),
    text("", "get a -w json", "", "", ""),
  ],
  words: [
    '"',
    "'",
    "`",
    "\\x",
    "\\u12",
    "\\",
    '("',
    '")',
    " = ",
    "--",
    "-",
    "=",
    "\n\n",
    "--prefix",
    "\u00a0",
    "\xff",
  ],
  isExpected: (error) => error instanceof CliError || error instanceof BadOperator,
  async run(input) {
    await readTxn(testIo({ stdin: input, clock }), false);
  },
};
