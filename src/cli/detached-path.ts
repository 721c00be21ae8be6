// `--offline ./dir`: the path of --offline must follow a `=`, so the word after a blank would silently be a key or a value.
// A word that can only be meant as a path is refused. Loaded only when --offline is typed without a value.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { badArgs } from "../errors";
import { quoteForShell } from "../go/quote";
import type { FlagTable } from "../input/flags";
import type { CommandNode } from "./manifest/builders";
import { takesNextArg } from "../input/parse-flags";

export interface CommandLine {
  readonly argv: readonly string[];
  /** From the root to the command that runs; only the root when the arguments name none. */
  readonly path: readonly CommandNode[];
  readonly flags: FlagTable;
  readonly cwd: string;
}

/** Throws CliError when the word after a flag with an optional value is meant as that value. */
export function refuseDetachedPath({ argv, path, flags, cwd }: CommandLine): void {
  const names = namePositions({ argv, path, flags });
  const end = argv.includes("--") ? argv.indexOf("--") : argv.length;
  for (let at = 0; at + 1 < end; at++) {
    const arg = argv[at] as string;
    const word = argv[at + 1] as string;
    if (takesNextArg(flags, arg)) at++;
    else if (hasOptionalPath(flags, arg) && !names.has(at + 1) && isMeantAsPath(word, cwd)) {
      throw badArgs(`the path of ${arg} must follow a "=": ${arg} ${word} means ${arg} without a path`, {
        hints: [`write ${arg}=${quoteForShell(word)}`],
      });
    }
  }
}

function hasOptionalPath(flags: FlagTable, arg: string): boolean {
  const name = arg.replace(/^--?/, "");
  return arg !== name && Object.hasOwn(flags, name) && flags[name]?.noOptDefault !== undefined;
}

function isMeantAsPath(word: string, cwd: string): boolean {
  if (word === "" || word.startsWith("-")) return false;
  return /^\.{1,2}(\/|$)|^~|\.db$/.test(word) || existsSync(resolve(cwd, word));
}

/** Where the names of the commands stand: `--offline get a` has no path, even if there is a file `get`. */
function namePositions({ argv, path, flags }: Omit<CommandLine, "cwd">): Set<number> {
  const positions = new Set<number>();
  let depth = 1;
  for (let at = 0; at < argv.length && depth < path.length; at++) {
    const arg = argv[at] as string;
    if (arg === "--") break;
    if (takesNextArg(flags, arg)) at++;
    else if (arg !== "" && path[depth]?.name.startsWith(arg) === true) {
      positions.add(at);
      depth++;
    }
  }
  return positions;
}
