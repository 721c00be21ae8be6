// A line of `watch -i`: arguments with quotes and escapes, flags, and a command after `--`.
import { interactiveLine } from "../../../src/commands/watch/interactive";
import { CliError } from "../../../src/errors";
import { text, type FuzzTarget } from "../target";

export const target: FuzzTarget = {
  seeds: () => [
    text("watch foo bar"),
    text('watch "a\\x00\\u00e9\\n" --prefix --rev=3 --prev-kv'),
    text("watch 'a b' --rev 5 -- sh -c 'echo \"$ETCD_WATCH_KEY\"'"),
    text("watch --progress-notify=false -- -- x"),
    text("progress"),
  ],
  words: [
    '"',
    "'",
    "\\x",
    "\\u12",
    "\\",
    " ",
    "--",
    "-",
    "=",
    "--rev",
    "--prefix",
    "-i",
    "\u00a0",
    "\xff",
    "9223372036854775808",
  ],
  maxSizeBytes: 4096,
  isExpected: (error) => error instanceof CliError,
  run(input) {
    const line = Buffer.from(input).toString("latin1");
    for (const key of ["", "k"]) interactiveLine(line, { key, rangeEnd: key });
  },
};
