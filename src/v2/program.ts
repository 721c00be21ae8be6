// The program of version 2: finds the command, parses its flags, runs it, and gives its errors Go's texts.
// Go (etcd 3.4): etcdctl/ctlv2/ctl.go; App.Run, Command.Run and App.RunAsSubcommand of urfave/cli v1.
import { CliError } from "../errors";
import { etcdVersion } from "../etcd/versions";
import { BrokenPipe, Interrupted, type Io } from "../io";
import { ApiError, Version2Missing } from "./api/api-error";
import { errorWithoutPrefix, errorWithPrefix, ExitCode, type Command } from "./command";
import { createContext } from "./context";
import { decodeJson, string, struct } from "../go/decode-json";
import { flagsFirst, helpFlag, parseFlagSet, type FlagTable, type ParsedFlags } from "./flags";
import { commandHelp, groupHelp, programHelp } from "./help";
import { withDeadline } from "./http/cluster-client";
import { RequestError } from "./http/errors";
import { parseUrl, UrlError } from "./http/go-url";
import type { RoundTrip } from "./http/round-trip";
import { commands, type CommandNode } from "./manifest";
import { globalFlags, resolveSettings, type Settings } from "./settings";

export const programFlags = {
  ...globalFlags,
  ...helpFlag,
  version: { kind: "bool", alias: "v", usage: "print the version" },
} as const satisfies FlagTable;

const helpNode: CommandNode = {
  name: "help",
  summary: "list the commands, or show help for one command",
  usage: "[command]",
};

/**
 * Runs the program and returns its exit code. Throws CliError with the complete error text, BrokenPipe or Interrupted.
 * Tests pass `roundTrip` in place of the network.
 */
export async function runVersion2(argv: readonly string[], io: Io, roundTrip?: RoundTrip): Promise<number> {
  const { duplicateFlag, usageError, values, args } = parseFlagSet(programFlags, argv);
  const showHelp = (): Promise<void> => io.stdout.write(programHelp(programFlags, commands));
  if (duplicateFlag !== undefined) return misused(io, duplicateFlag, `${duplicateFlag}\n`, showHelp);
  if (usageError !== undefined) {
    return misused(io, usageError, `Incorrect Usage. ${usageError}\n\n`, showHelp);
  }
  if (values.help) return succeed(showHelp());
  if (values.version) return succeed(io.stdout.write(`etcdctl version: ${etcdVersion}\nAPI version: 2\n`));
  const program = new Program(io, resolveSettings(values, io.env), roundTrip);
  return program.run([], commands, args, showHelp);
}

class Program {
  constructor(
    private readonly io: Io,
    private readonly settings: Settings,
    private readonly roundTrip: RoundTrip | undefined,
  ) {}

  /** Runs the command that the first argument names among `nodes`. */
  async run(
    path: readonly CommandNode[],
    nodes: readonly CommandNode[],
    args: readonly string[],
    showHelp: () => Promise<void>,
  ): Promise<number> {
    const [name, ...rest] = args;
    // An empty word is no name, as in Go.
    if (name === undefined || name === "") return succeed(showHelp());
    const node = nodes.find((each) => each.name === name);
    if (node?.children) return this.runGroup([...path, node], node.children, rest);
    if (node) return this.runCommand([...path, node], rest);
    if (name !== "help" && name !== "h") throw noHelpTopic(name);
    return this.runHelp(path, nodes, rest, showHelp);
  }

  private async runGroup(
    path: readonly CommandNode[],
    children: readonly CommandNode[],
    argv: readonly string[],
  ): Promise<number> {
    const showHelp = (): Promise<void> => this.io.stdout.write(groupHelp(path, children));
    const { duplicateFlag, usageError, values, args } = parseFlagSet(helpFlag, argv);
    if (duplicateFlag !== undefined) {
      return misused(this.io, duplicateFlag, `${duplicateFlag}\n\n`, showHelp);
    }
    if (usageError !== undefined) {
      return misused(this.io, usageError, `Incorrect Usage. ${usageError}\n\n`, showHelp);
    }
    return values.help ? succeed(showHelp()) : this.run(path, children, args, showHelp);
  }

  private async runCommand(path: readonly CommandNode[], argv: readonly string[]): Promise<number> {
    const command = (await path.at(-1)?.load?.()) as Command;
    const parsed = await this.parse(path, command.flags, argv);
    if (parsed === undefined) return 0;
    const context = createContext(this.io, this.settings, this.roundTrip);
    try {
      return (await command.run(context, parsed.args, parsed.values)) ?? 0;
    } catch (error) {
      let hints: readonly string[] = [];
      if (error instanceof Version2Missing) {
        const replacement = command.version3Command(parsed.args, parsed.values);
        hints = await version2MissingHints(error.endpoint, await context.roundTrip(), this.io, replacement);
      }
      throw this.toTopLevelError(error, path.length > 1, hints);
    } finally {
      await context.close();
    }
  }

  /** Returns undefined after --help. */
  private async parse(
    path: readonly CommandNode[],
    flags: FlagTable,
    argv: readonly string[],
  ): Promise<ParsedFlags<FlagTable> | undefined> {
    const table = { ...flags, ...helpFlag };
    const showHelp = (): Promise<void> => this.io.stdout.write(commandHelp(path, table));
    const parsed = parseFlagSet(table, flagsFirst(table, argv));
    const error = parsed.usageError ?? parsed.duplicateFlag;
    if (error !== undefined) await misused(this.io, error, `Incorrect Usage: ${error}\n\n`, showHelp);
    if (!parsed.values["help"]) return parsed;
    await showHelp();
    return undefined;
  }

  private async runHelp(
    path: readonly CommandNode[],
    nodes: readonly CommandNode[],
    argv: readonly string[],
    showHelp: () => Promise<void>,
  ): Promise<number> {
    const parsed = await this.parse([...path, helpNode], {}, argv);
    const [topic] = parsed?.args ?? [];
    if (topic === undefined || topic === "") return parsed ? succeed(showHelp()) : 0;
    const node =
      nodes.find((each) => each.name === topic) ?? (/^(help|h)$/.test(topic) ? helpNode : undefined);
    if (!node) throw noHelpTopic(topic);
    const nodePath = [...path, node];
    if (node.children) return succeed(this.io.stdout.write(groupHelp(nodePath, node.children)));
    const flags = { ...(await node.load?.())?.flags, ...helpFlag };
    return succeed(this.io.stdout.write(commandHelp(nodePath, flags)));
  }

  private toTopLevelError(error: unknown, isInGroup: boolean, hints: readonly string[]): unknown {
    if (this.io.interrupt.aborted && !(error instanceof CliError)) return this.io.interrupt.reason ?? error;
    if (error instanceof BrokenPipe || error instanceof Interrupted) return error;
    const isExpected =
      error instanceof ApiError || error instanceof RequestError || error instanceof UrlError;
    if (!isExpected) return error;
    const { exitCode, message } = isInGroup
      ? errorWithoutPrefix(error)
      : errorWithPrefix(ExitCode.serverError, error);
    return new CliError(exitCode, message, { cause: error, hints });
  }
}

async function succeed(written: Promise<void>): Promise<0> {
  await written;
  return 0;
}

/** As in Go, the error appears twice: on stdout before the help, and alone on stderr. */
async function misused(
  io: Io,
  error: string,
  stdoutText: string,
  showHelp: () => Promise<void>,
): Promise<never> {
  await io.stdout.write(stdoutText);
  await showHelp();
  throw new CliError(ExitCode.badArgs, error);
}

function noHelpTopic(name: string): CliError {
  const exitCode = 3; // urfave/cli's code for an unknown command
  return new CliError(exitCode, `No help topic for '${name}'`, {
    hints: ["ETCDCTL_API=2 is set; for the commands of version 3 unset it, or set it to 3"],
  });
}

const versionBody = struct("Versions", { etcdserver: string }, "version.Versions");

/** Says which server it is, whether version 2 can be enabled there, and which command of version 3 to use. */
async function version2MissingHints(
  endpoint: string,
  roundTrip: RoundTrip,
  io: Io,
  version3Command: string,
): Promise<string[]> {
  const version = await requestVersion(endpoint, roundTrip, io);
  const server = version === "" ? `the server at ${endpoint}` : `etcd ${version} at ${endpoint}`;
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const canServeVersion2 = version === "" || (major === 3 && minor < 6);
  const remedy = canServeVersion2
    ? "; etcd 3.5 and older serve it with the flag --enable-v2"
    : "; etcd 3.6 and newer cannot serve it, etcdctl serve can with --enable-v2";
  return [
    `${server} does not serve version 2 of the API${remedy}`,
    `use version 3 instead: ETCDCTL_API=3 etcdctl --endpoints=${endpoint} ${version3Command}`,
    "version 3 does not see keys that were written through version 2",
  ];
}

/** Returns an empty text when the server does not report its version within a second. */
async function requestVersion(endpoint: string, roundTrip: RoundTrip, io: Io): Promise<string> {
  try {
    return await withDeadline(1000, io.clock, io.interrupt, async (signal) => {
      const head = await roundTrip({ method: "GET", url: parseUrl(`${endpoint}/version`) }, signal);
      return decodeJson(versionBody, await head.body()).etcdserver;
    });
  } catch {
    return "";
  }
}
