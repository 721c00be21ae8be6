// What may stand at the end of a command line: commands, flags, their values, files, and what the cluster knows. Driven by
// the manifest and the flag tables alone, so that a new command or flag is known here at once.
// Knows no shell and no program; answers to cobra's `__complete`.
import type { Io } from "../../io";
import { UsageError } from "../exit";
import type { FoundCommand } from "../find-command";
import { findCommand } from "../find-command";
import type { Flag, FlagTable, ValueSource } from "../flags";
import { helpFlag } from "../global-flags";
import type { CommandNode } from "../manifest/builders";
import type { ParsedFlags } from "../parse-flags";
import { parseFlags, takesNextWord } from "../parse-flags";

export interface Candidate {
  readonly text: string;
  readonly about?: string;
  /** More follows without a blank, as behind a folder's `/`. */
  readonly isOpen?: boolean;
}

export interface Completion {
  readonly candidates: readonly Candidate[];
  /** What the shell is to offer beside them. */
  readonly paths: "none" | "files" | "directories";
}

export type ClusterSource = Exclude<ValueSource, "file" | "directory">;

export interface CompletedProgram {
  readonly root: CommandNode;
  /** The flags of every command. */
  readonly flags: FlagTable;
  /** Names of that kind that begin with `typed`; the line's own flags say where to ask. */
  fromCluster?(
    source: ClusterSource,
    typed: string,
    line: ParsedFlags<FlagTable>,
  ): Promise<readonly Candidate[]>;
}

const nothing: Completion = { candidates: [], paths: "none" };

/** `words` without the program's name; the last is the one at the cursor, as far as it is typed. */
export async function complete(program: CompletedProgram, words: readonly string[]): Promise<Completion> {
  const typed = words.at(-1) ?? "";
  let found: FoundCommand;
  try {
    found = findCommand(program.root, program.flags, words.slice(0, -1));
  } catch (error) {
    if (error instanceof UsageError) return nothing;
    throw error;
  }
  const node = found.path[found.path.length - 1] as CommandNode;
  const command = await node.load?.();
  const own: FlagTable = Object.assign({}, ...found.path.map((each) => each.flags), command?.flags, helpFlag);
  const line = new Line(program, found, { ...own, ...program.flags, ...own });
  return line.complete(typed);
}

class Line {
  private readonly node: CommandNode;
  /** The flag whose value comes next. */
  private readonly waiting: string | undefined;
  private readonly flagWords: string[] = [];
  private readonly args: string[] = [];
  private isBehindDash = false;

  constructor(
    private readonly program: CompletedProgram,
    found: FoundCommand,
    private readonly table: FlagTable,
  ) {
    this.node = found.path[found.path.length - 1] as CommandNode;
    const rest = [...found.words];
    for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
      if (this.isBehindDash || !word.startsWith("-") || word === "-") this.args.push(word);
      else if (word === "--") this.isBehindDash = true;
      else if (!takesNextWord(table, word)) this.flagWords.push(word);
      else if (rest.length === 0) this.waiting = word.replace(/^--?/, "");
      else this.flagWords.push(word, rest.shift() as string);
    }
  }

  async complete(typed: string): Promise<Completion> {
    if (this.waiting !== undefined) return this.values(this.flagNamed(this.waiting), typed, "");
    if (this.isBehindDash)
      return this.isCommandBehindDash ? { ...nothing, paths: "files" } : this.argument(typed);
    const assigned = /^(--?([^=]+)=)(.*)$/s.exec(typed);
    if (assigned) {
      const [, prefix = "", name = "", value = ""] = assigned;
      return this.values(this.flagNamed(name), value, prefix);
    }
    if (typed.startsWith("-")) return { ...nothing, candidates: this.flags(typed) };
    if (this.node.builtin === "help") return this.topic(typed);
    if (this.node.children.length > 0) return this.args.length > 0 ? nothing : subcommands(this.node, typed);
    return this.argument(typed);
  }

  private get isCommandBehindDash(): boolean {
    return this.node.usage.includes("[-- ");
  }

  private flagNamed(name: string): Flag | undefined {
    if (Object.hasOwn(this.table, name)) return this.table[name];
    return Object.values(this.table).find(({ short }) => short === name);
  }

  /** Not those that are there already, unless they may be repeated. */
  private flags(typed: string): Candidate[] {
    const given = new Set(this.flagWords.map((word) => word.replace(/^--?/, "").replace(/=.*/s, "")));
    return Object.entries(this.table)
      .filter(([name, { hidden, kind, short = name }]) => {
        return !hidden && (kind === "strings" || !(given.has(name) || given.has(short)));
      })
      .map(([name, { usage }]) => ({ text: `--${name}`, about: usage }))
      .filter(({ text }) => text.startsWith(typed));
  }

  private async values(flag: Flag | undefined, typed: string, prefix: string): Promise<Completion> {
    const words = flag?.values ?? (flag?.kind === "bool" ? ["true", "false"] : []);
    const found = flag?.completes ? await this.named(flag.completes, typed) : nothing;
    const candidates = [...startingWith(typed, words), ...found.candidates];
    return {
      candidates: candidates.map((each) => ({ ...each, text: prefix + each.text })),
      paths: found.paths,
    };
  }

  private async argument(typed: string): Promise<Completion> {
    const placeholder = (this.node.usage.match(/<[^>]*>|\[[^\]]*\]/g) ?? [])[this.args.length]?.slice(1, -1);
    if (placeholder === undefined) return nothing;
    if (placeholder.includes("|"))
      return { ...nothing, candidates: startingWith(typed, placeholder.split("|")) };
    const source = Object.hasOwn(sources, placeholder) ? sources[placeholder] : undefined;
    return source ? this.named(source, typed) : nothing;
  }

  private async named(source: ValueSource, typed: string): Promise<Completion> {
    if (source === "file") return { ...nothing, paths: "files" };
    if (source === "directory") return { ...nothing, paths: "directories" };
    const candidates = await this.program.fromCluster?.(
      source,
      typed,
      parseFlags(this.table, this.flagWords),
    );
    return { ...nothing, candidates: candidates ?? [] };
  }

  private topic(typed: string): Completion {
    const { path } = findCommand(this.program.root, this.program.flags, this.args);
    return subcommands(path[path.length - 1] as CommandNode, typed);
  }
}

/** By the words of the manifest's usage lines. */
const sources: Readonly<Record<string, ValueSource>> = {
  key: "key",
  range_end: "key",
  lease_id: "lease",
  member: "member",
  user: "user",
  role: "role",
  file: "file",
  filename: "file",
};

function subcommands(node: CommandNode, typed: string): Completion {
  const children = node.children.map(({ name, summary }) => ({ text: name, about: summary }));
  return { ...nothing, candidates: children.filter(({ text }) => text.startsWith(typed)) };
}

function startingWith(typed: string, words: readonly string[]): Candidate[] {
  return words.filter((word) => word.startsWith(typed)).map((text) => ({ text }));
}

// `__complete WORDS…`, which the shells' scripts call: a line for each candidate, a tab before its description, and in the
// last line a number that tells the shell what to do with them. The numbers are those of cobra, whose scripts work too.

const directives = { noSpace: 2, noFiles: 4, onlyDirectories: 16 };

export async function answerCompletion(
  program: CompletedProgram,
  words: readonly string[],
  io: Io,
): Promise<number> {
  let completion: Completion;
  try {
    completion = await complete(program, words.map(unquotedEmpty));
  } catch {
    // A line that cannot be read, a server that is not there: nothing to offer, and nothing to say between keystrokes.
    completion = { candidates: [], paths: "none" };
  }
  const lines = completion.candidates.filter(({ text }) => isShowable(text)).map(lineOf);
  await io.stdout.write([...lines, `:${directiveOf(completion)}`, ""].join("\n"));
  return 0;
}

/** PowerShell drops empty arguments, so its script spells one out. */
function unquotedEmpty(word: string): string {
  return word === '""' ? "" : word;
}

function lineOf({ text, about }: Candidate): string {
  return about ? `${text}\t${about.replaceAll(/\s+/g, " ")}` : text;
}

/** Keys may be any bytes; what a line cannot hold is not offered. */
function isShowable(text: string): boolean {
  return !/[\p{Cc}\ufffd]/u.test(text);
}

function directiveOf({ candidates, paths }: Completion): number {
  const isOpen = candidates.some((each) => each.isOpen);
  const aboutFiles = { files: 0, directories: directives.onlyDirectories, none: directives.noFiles };
  return aboutFiles[paths] + (isOpen ? directives.noSpace : 0);
}
