// The program as a function: arguments and a world in, exit code out. Everything it prints is written when it returns.
import type { Io } from "../io";
import { reportFailure } from "./exit";
import { globalFlags, oldSpellings } from "./global-flags";
import type { Program } from "./manifest/builders";
import { root } from "./manifest/etcdctl";
import { runCommand } from "./run";
import { endProcess, processArguments, systemIo } from "./system-io";

/** `argv` without the program's own name. */
export async function main(argv: readonly string[], io: Io, program: Program = etcdctl): Promise<number> {
  const isVersion2 = program === etcdctl && speaksVersion2(argv, io);
  try {
    if (!isVersion2) return await runCommand(program, argv, io);
    const { runVersion2 } = await import("../v2/program");
    return await runVersion2(argv, io);
  } catch (error) {
    return reportFailure(error, io, isVersion2 ? "" : "Error: ");
  }
}

/** `version` is no command of version 2, and people ask for it whatever their environment says. */
function speaksVersion2(argv: readonly string[], io: Io): boolean {
  return io.env["ETCDCTL_API"] === "2" && argv[0] !== "version";
}

// The bundle's one export: runs one of the programs in this process and says how the process has to end.

/** Resolves when all is printed; calling what it resolves to ends the process. */
export async function start(
  argv: readonly string[] = processArguments(),
  name: ProgramName = "etcdctl",
): Promise<() => void> {
  const io = systemIo();
  const exitCode = await main(argv, io, await loadProgram(name));
  return () => {
    endProcess(exitCode, io);
  };
}

// The programs in the bundle, as data: what a program's commands are and which flags they all take. Everything that runs a
// command line (cli/run-command.ts) is the same for each. Answers to the main packages of etcdctl and etcdutl.

export const etcdctl: Program = { root, everyCommandsFlags: { ...oldSpellings, ...globalFlags } };

export type ProgramName = "etcdctl" | "etcdutl";

export async function loadProgram(name: ProgramName): Promise<Program> {
  if (name === "etcdctl") return etcdctl;
  const manifest = await import("./manifest/etcdutl");
  return { root: manifest.root, everyCommandsFlags: {}, tellsUsageErrorsTwice: true };
}
