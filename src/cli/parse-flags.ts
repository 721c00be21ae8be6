// From words as typed to flag values, for a whole command line (cli) as for one line of `txn` input. Pure.
// Flags may stand before, between and after words; `--` ends them. Notes are for stderr and never change the outcome.
// Answers to spf13/pflag's FlagSet.Parse, its wording of errors included.
import { quote } from "../go/quote";
import { ParseError } from "../go/strconv";
import type { Flag, FlagTable, FlagValues } from "./flags";
import { parseFlagValue } from "./flags";

export interface ParsedFlags<T extends FlagTable> {
  /** Every flag of the table, with its default where it was not given. */
  readonly values: FlagValues<T>;
  readonly args: readonly string[];
  /** How many of `args` stood before `--`; undefined without one. */
  readonly dashAt: number | undefined;
  readonly given: ReadonlySet<string>;
  /** How an accepted but odd spelling should be typed, one line each. */
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

/** Where a line of `txn` or `watch -i` asks for it; on the command line itself help is a flag. */
const helpRequested = "pflag: help requested";

/** Throws FlagError at the first mistake. */
export function parseFlags<T extends FlagTable>(table: T, words: readonly string[]): ParsedFlags<T> {
  return new Parse(table).run(words) as ParsedFlags<T>;
}

/** Whether `word` is a flag that takes the next word as its value. Unknown flags do, as cobra assumes. */
export function takesNextWord(table: FlagTable, word: string): boolean {
  if (!word.startsWith("-") || word.includes("=")) return false;
  const flag = own(table, word.replace(/^--?/, ""));
  if (word.startsWith("--") || (flag && word.length > 2)) return valueAlone(flag) === undefined;
  return word.length === 2 && valueAlone(findShort(table, word.slice(1))?.[1]) === undefined;
}

class Parse {
  private readonly values: Record<string, unknown> = {};
  private readonly args: string[] = [];
  private readonly given = new Set<string>();
  private readonly notes: string[] = [];
  private rest: string[] = [];

  constructor(private readonly table: FlagTable) {
    for (const [name, flag] of Object.entries(table)) this.values[name] = flag.default;
  }

  run(words: readonly string[]): ParsedFlags<FlagTable> {
    this.rest = [...words];
    let dashAt: number | undefined;
    for (let word = this.rest.shift(); word !== undefined; word = this.rest.shift()) {
      if (word === "--") {
        dashAt = this.args.length;
        break;
      }
      if (!word.startsWith("-") || word === "-") this.args.push(word);
      else if (word.startsWith("--")) this.long(word);
      else if (this.isLongWithOneDash(word)) this.longWithOneDash(word);
      else this.shorts(word.slice(1));
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

  private long(word: string): void {
    const [name, value] = splitAtEquals(word.slice(2));
    if (name === "" || name.startsWith("-")) throw new FlagError(`bad flag syntax: ${word}`);
    const flag = own(this.table, name);
    if (!flag && name === "help") throw new FlagError(helpRequested);
    if (!flag) throw new FlagError(`unknown flag: --${name}`, { unknownFlag: name });
    this.set(name, flag, value ?? valueAlone(flag) ?? this.next(`--${name}`));
  }

  /** `-keys-only`: nobody means the letters k, e, y, … when they spell a flag. */
  private isLongWithOneDash(word: string): boolean {
    return word.length > 2 && own(this.table, splitAtEquals(word.slice(1))[0]) !== undefined;
  }

  private longWithOneDash(word: string): void {
    this.notes.push(
      `${splitAtEquals(word)[0]} was read as -${splitAtEquals(word)[0]}: long flags begin with two dashes`,
    );
    this.long(`-${word}`);
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
      const alone = valueAlone(flag);
      if (alone === undefined) {
        return this.set(name, flag, after !== "" ? after : this.next(`'${letter}' in -${rest}`));
      }
      this.set(name, flag, alone);
      rest = after;
    }
  }

  private next(flag: string): string {
    const value = this.rest.shift();
    if (value === undefined) throw new FlagError(`flag needs an argument: ${flag}`);
    return value;
  }

  private set(name: string, flag: Flag, text: string): void {
    const target = flag.replacedBy ?? name;
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

function own(table: FlagTable, name: string): Flag | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function findShort(table: FlagTable, letter: string): [string, Flag] | undefined {
  return Object.entries(table).find(([, flag]) => flag.short === letter);
}

function valueAlone(flag: Flag | undefined): string | undefined {
  return flag?.kind === "bool" ? "true" : flag?.alone;
}
