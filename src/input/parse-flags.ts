// Parses arguments with flags: of a command line, and of one line of `txn` or interactive `watch`. Flags may stand before,
// between and after arguments; `--` ends them. Go: github.com/spf13/pflag, FlagSet.Parse, with its error texts.
import { quote } from "../go/quote";
import { ParseError } from "../go/strconv";
import type { Flag, FlagTable, FlagValues } from "./flags";
import { parseFlagValue } from "./flags";

export interface ParsedFlags<T extends FlagTable> {
  /** Every flag of the table, with its default if it was not typed. */
  readonly values: FlagValues<T>;
  readonly args: readonly string[];
  /** The number of arguments before `--`; undefined without `--`. */
  readonly dashAt: number | undefined;
  /** Names of the flags that were typed. */
  readonly given: ReadonlySet<string>;
  /** Hints about accepted but unusual spellings, one line each. */
  readonly notes: readonly string[];
}

/** The message is pflag's: `unknown flag: --x`, `flag needs an argument: --x`, `invalid argument "x" for "--y" flag: …`. */
export class FlagError extends Error {
  override name = "FlagError";
  /** The name after `--`, where no flag has it. */
  readonly unknownFlag: string | undefined;
  constructor(message: string, details: { cause?: unknown; unknownFlag?: string } = {}) {
    super(message, { cause: details.cause });
    this.unknownFlag = details.unknownFlag;
  }
}

/** For a line of `txn` or `watch -i`. On the command line, help is a flag of the table. */
const helpRequested = "pflag: help requested";

/** Throws FlagError at the first mistake. With `oneDash`, a long flag with one dash is as usual as one with two. */
export function parseFlags<T extends FlagTable>(
  table: T,
  args: readonly string[],
  { oneDash = false } = {},
): ParsedFlags<T> {
  return new Parse(table, oneDash).run(args) as ParsedFlags<T>;
}

/** Whether `arg` is a flag that takes the next argument as its value. An unknown flag counts as one, as in cobra. */
export function takesNextArg(table: FlagTable, arg: string): boolean {
  if (!arg.startsWith("-") || arg.includes("=")) return false;
  const flag = flagNamed(table, arg.replace(/^--?/, ""));
  if (arg.startsWith("--") || (flag && arg.length > 2)) return noOptDefault(flag) === undefined;
  return arg.length === 2 && noOptDefault(findShort(table, arg.slice(1))?.[1]) === undefined;
}

class Parse {
  private readonly values: Record<string, unknown> = {};
  private readonly args: string[] = [];
  private readonly given = new Set<string>();
  private readonly notes: string[] = [];
  private rest: string[] = [];

  constructor(
    private readonly table: FlagTable,
    private readonly oneDash: boolean,
  ) {
    for (const [name, flag] of Object.entries(table)) this.values[name] = flag.default;
  }

  run(args: readonly string[]): ParsedFlags<FlagTable> {
    this.rest = [...args];
    let dashAt: number | undefined;
    for (let arg = this.rest.shift(); arg !== undefined; arg = this.rest.shift()) {
      if (arg === "--") {
        dashAt = this.args.length;
        break;
      }
      if (!arg.startsWith("-") || arg === "-") this.args.push(arg);
      else if (arg.startsWith("--")) this.long(arg);
      else if (this.isLongWithOneDash(arg)) this.longWithOneDash(arg);
      else this.shorts(arg.slice(1));
    }
    this.args.push(...this.rest);
    return {
      values: this.values as FlagValues<FlagTable>,
      args: this.args,
      dashAt,
      given: this.given,
      notes: this.notes,
    };
  }

  private long(arg: string): void {
    const [name, value] = splitAtEquals(arg.slice(2));
    if (name === "" || name.startsWith("-")) throw new FlagError(`bad flag syntax: ${arg}`);
    const flag = flagNamed(this.table, name);
    if (!flag && name === "help") throw new FlagError(helpRequested);
    if (!flag) throw new FlagError(`unknown flag: --${name}`, { unknownFlag: name });
    this.set(name, flag, value ?? noOptDefault(flag) ?? this.next(`--${name}`));
  }

  /** `-keys-only` means --keys-only, not the letters k, e, y and so on, when it spells exactly a long flag. */
  private isLongWithOneDash(arg: string): boolean {
    return arg.length > 2 && flagNamed(this.table, splitAtEquals(arg.slice(1))[0]) !== undefined;
  }

  private longWithOneDash(arg: string): void {
    const [flag] = splitAtEquals(arg);
    if (!this.oneDash) this.notes.push(`${flag} was read as -${flag}: long flags begin with two dashes`);
    this.long(`-${arg}`);
  }

  private shorts(letters: string): void {
    for (let rest = letters; rest !== "";) {
      const letter = String.fromCodePoint(rest.codePointAt(0) as number);
      const after = rest.slice(letter.length);
      const found = findShort(this.table, letter);
      if (!found && letter === "h") throw new FlagError(helpRequested);
      if (!found) throw new FlagError(`unknown shorthand flag: '${letter}' in -${rest}`);
      const [name, flag] = found;
      if (after.startsWith("=") && after.length > 1) return this.set(name, flag, after.slice(1));
      const value = noOptDefault(flag);
      if (value === undefined) {
        return this.set(name, flag, after !== "" ? after : this.next(`'${letter}' in -${rest}`));
      }
      this.set(name, flag, value);
      rest = after;
    }
  }

  private next(flag: string): string {
    const value = this.rest.shift();
    if (value === undefined) throw new FlagError(`flag needs an argument: ${flag}`);
    return value;
  }

  private set(name: string, flag: Flag, text: string): void {
    const target = flag.aliasOf ?? flag.replacedBy ?? name;
    if (flag.replacedBy !== undefined) {
      this.notes.push(target ? `--${name} is now spelled --${target}` : `--${name} has no effect any more`);
    }
    try {
      this.values[target] = parseFlagValue(
        flag,
        text,
        this.given.has(target) ? this.values[target] : undefined,
      );
    } catch (error) {
      if (!(error instanceof ParseError)) throw error;
      const spelled = flag.short === undefined ? `--${name}` : `-${flag.short}, --${name}`;
      throw new FlagError(`invalid argument ${quote(text)} for "${spelled}" flag: ${error.message}`, {
        cause: error,
      });
    }
    this.given.add(target);
  }
}

function splitAtEquals(text: string): [string, string | undefined] {
  const at = text.indexOf("=");
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function flagNamed(table: FlagTable, name: string): Flag | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function findShort(table: FlagTable, letter: string): [string, Flag] | undefined {
  return Object.entries(table).find(([, flag]) => flag.short === letter);
}

function noOptDefault(flag: Flag | undefined): string | undefined {
  return flag?.kind === "bool" ? "true" : flag?.noOptDefault;
}
