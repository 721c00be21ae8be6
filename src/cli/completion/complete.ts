// What may stand at the end of a command line: commands, flags, their values, files, and names from the cluster. The
// manifest and the flag tables decide, so a new command or flag is completed at once. Go: github.com/spf13/cobra, `__complete`.
import type { Io } from "../../io";
import { findCommand, manifestFlags, UnknownCommand, type FoundCommand } from "../find-command";
import type { Flag, FlagTable, ValueSource } from "../../input/flags";
import type { CommandNode, Program } from "../manifest/builders";
import { parseFlags, takesNextArg } from "../../input/parse-flags";
import type { Session } from "../session/session";
import type { Candidate } from "./from-cluster";

export interface Completion {
  readonly candidates: readonly Candidate[];
  /** What the shell offers in addition. */
  readonly paths: "none" | "files" | "directories";
}

const nothing: Completion = { candidates: [], paths: "none" };

/** cobra's numbers, so cobra's scripts work too. */
const directives = { noSpace: 2, noFiles: 4, onlyDirectories: 16 };

/**
 * `__complete ARGS…`, which the shell scripts call; the last argument is the incomplete word at the cursor. Prints one candidate
 * a line, with a tab before its description, and in the last line a number: how the shell uses them.
 */
export async function printCompletions(program: Program, args: readonly string[], io: Io): Promise<number> {
  let completion: Completion;
  try {
    completion = await complete(program, args.map(withoutQuotes), io);
  } catch {
    // A wrong command line, or a server that does not respond: an error between keystrokes would only disturb.
    completion = nothing;
  }
  const lines = completion.candidates.filter(({ text }) => isPrintable(text)).map(lineOf);
  await io.stdout.write([...lines, `:${directiveOf(completion)}`, ""].join("\n"));
  return 0;
}

/** PowerShell drops empty arguments, so its script spells them `""`. */
function withoutQuotes(arg: string): string {
  return arg === '""' ? "" : arg;
}

function lineOf({ text, about }: Candidate): string {
  return about ? `${text}\t${about.replaceAll(/\s+/g, " ")}` : text;
}

/** A key may contain any bytes, but a line cannot carry all of them. */
function isPrintable(text: string): boolean {
  return !/[\p{Cc}\ufffd]/u.test(text);
}

function directiveOf({ candidates, paths }: Completion): number {
  const isOpen = candidates.some((each) => each.isOpen);
  const aboutFiles = { files: 0, directories: directives.onlyDirectories, none: directives.noFiles };
  return aboutFiles[paths] + (isOpen ? directives.noSpace : 0);
}

/**
 * What may replace the last of `args`. With a `session`, names come from its cluster, over its connection. Rejects for a wrong
 * command line.
 */
export async function complete(
  program: Program,
  args: readonly string[],
  io: Io,
  session?: Session,
): Promise<Completion> {
  const typed = args.at(-1) ?? "";
  let found: FoundCommand;
  try {
    found = findCommand(program.root, program.globalFlags, args.slice(0, -1));
  } catch (error) {
    if (error instanceof UnknownCommand) return nothing;
    throw error;
  }
  const command = await found.path[found.path.length - 1]?.load?.();
  const flags: FlagTable = { ...manifestFlags(found.path), ...command?.flags };
  // The command's flags come first in the list and also win over global flags of the same name.
  const table = { ...flags, ...program.globalFlags, ...flags };
  return new Line(program, found, table, io, session).complete(typed);
}

class Line {
  private readonly node: CommandNode;
  /** The flag whose value is at the cursor. */
  private readonly pendingFlag: string | undefined;
  /** Flags with their values, as typed. */
  private readonly flagArgs: string[] = [];
  private readonly args: string[] = [];
  private isAfterDash = false;

  constructor(
    private readonly program: Program,
    found: FoundCommand,
    private readonly table: FlagTable,
    private readonly io: Io,
    private readonly session: Session | undefined,
  ) {
    this.node = found.path[found.path.length - 1] as CommandNode;
    const rest = [...found.args];
    for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
      if (this.isAfterDash || !arg.startsWith("-") || arg === "-") this.args.push(arg);
      else if (arg === "--") this.isAfterDash = true;
      else if (!takesNextArg(table, arg)) this.flagArgs.push(arg);
      else if (rest.length === 0) this.pendingFlag = arg.replace(/^--?/, "");
      else this.flagArgs.push(arg, rest.shift() as string);
    }
  }

  async complete(typed: string): Promise<Completion> {
    if (this.pendingFlag !== undefined) return this.values(this.flagNamed(this.pendingFlag), typed, "");
    if (this.isAfterDash) {
      return this.hasCommandAfterDash ? { ...nothing, paths: "files" } : this.argument(typed);
    }
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

  private get hasCommandAfterDash(): boolean {
    return this.node.usage.includes("[-- ");
  }

  private flagNamed(name: string): Flag | undefined {
    if (Object.hasOwn(this.table, name)) return this.table[name];
    return Object.values(this.table).find(({ short }) => short === name);
  }

  /** Without those that are typed already, unless they may be repeated. */
  private flags(typed: string): Candidate[] {
    const given = new Set(this.flagArgs.map((arg) => arg.replace(/^--?/, "").replace(/=.*/s, "")));
    return Object.entries(this.table)
      .filter(([name, { hidden, kind, short = name }]) => {
        return !hidden && (kind === "strings" || !(given.has(name) || given.has(short)));
      })
      .map(([name, { usage }]) => ({ text: `--${name}`, about: usage }))
      .filter(({ text }) => text.startsWith(typed));
  }

  private async values(flag: Flag | undefined, typed: string, prefix: string): Promise<Completion> {
    const values = flag?.values ?? (flag?.kind === "bool" ? ["true", "false"] : []);
    const found = flag?.completes ? await this.fromSource(flag.completes, typed) : nothing;
    const candidates = [...startingWith(typed, values), ...found.candidates];
    return {
      candidates: candidates.map((each) => ({ ...each, text: prefix + each.text })),
      paths: found.paths,
    };
  }

  private async argument(typed: string): Promise<Completion> {
    const placeholder = (this.node.usage.match(/<[^>]*>|\[[^\]]*\]/g) ?? [])[this.args.length]?.slice(1, -1);
    if (placeholder === undefined) return nothing;
    if (placeholder.includes("|")) {
      return { ...nothing, candidates: startingWith(typed, placeholder.split("|")) };
    }
    const source = Object.hasOwn(sources, placeholder) ? sources[placeholder] : undefined;
    return source ? this.fromSource(source, typed) : nothing;
  }

  private async fromSource(source: ValueSource, typed: string): Promise<Completion> {
    if (source === "file") return { ...nothing, paths: "files" };
    if (source === "directory") return { ...nothing, paths: "directories" };
    if (source === "profile") {
      const { profileNames } = await import("../profiles/apply");
      return { ...nothing, candidates: startingWith(typed, profileNames(this.io.env)) };
    }
    const { fromCluster } = await import("./from-cluster");
    const line = parseFlags(this.table, this.flagArgs);
    return { ...nothing, candidates: await fromCluster(this.io, source, typed, line, this.session) };
  }

  private topic(typed: string): Completion {
    const { path } = findCommand(this.program.root, this.program.globalFlags, this.args);
    return subcommands(path[path.length - 1] as CommandNode, typed);
  }
}

/** The kind of an argument, by its name on the manifest's usage line. */
const sources: Readonly<Record<string, ValueSource>> = {
  key: "key",
  range_end: "key",
  lease_id: "lease",
  member: "member",
  user: "user",
  role: "role",
  file: "file",
  filename: "file",
  profile: "profile",
};

function subcommands(node: CommandNode, typed: string): Completion {
  const children = node.children.map(({ name, summary }) => ({ text: name, about: summary }));
  return { ...nothing, candidates: children.filter(({ text }) => text.startsWith(typed)) };
}

function startingWith(typed: string, texts: readonly string[]): Candidate[] {
  return texts.filter((text) => text.startsWith(typed)).map((text) => ({ text }));
}
