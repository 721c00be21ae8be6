// A command line with one argument in each line: finds the command and parses its flags.
import { findCommand, manifestFlags, UnknownCommand } from "../../../src/cli/find-command";
import { globalFlags, oldSpellings } from "../../../src/cli/global-flags";
import { root } from "../../../src/cli/manifest/etcdctl";
import { FlagError, parseFlags } from "../../../src/input/parse-flags";
import { text, type FuzzTarget } from "../target";

const everywhere = { ...oldSpellings, ...globalFlags } as const;

export const target: FuzzTarget = {
  seeds: () => [
    text("get", "--prefix", "--limit=3", "a", "--sort-by", "KEY", "-w", "json"),
    text("--endpoints", "a:1,b:2", "lease", "grant", "60"),
    text("put", "--lease=12ab", "-w=table", "--", "-k", "v"),
    text("member", "add", "x", "--peer-urls=http://a:1", "--learner", "--command-timeout", "1m2.5s"),
    text("snapshot", "save", "-", "-cacert", "x", "--offline=y"),
  ],
  words: [
    "-",
    "--",
    "=",
    "\n",
    "-w",
    "--hex",
    "--hex=",
    "1h",
    "µs",
    "0x",
    "1e9",
    "--no-sync",
    "__proto__",
    "--offline",
    "18446744073709551616",
  ],
  isExpected: (error) => error instanceof UnknownCommand || error instanceof FlagError,
  async run(input) {
    const { path, args } = findCommand(root, everywhere, Buffer.from(input).toString().split("\n"));
    const command = await path.at(-1)?.load?.();
    parseFlags({ ...everywhere, ...manifestFlags(path), ...command?.flags }, args);
  },
};
