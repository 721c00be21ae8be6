// The programs as functions: arguments and an Io in, exit code out. bin/etcdctl.js calls `start`.
import type { Io } from "../io";
import { reportFailure } from "./exit";
import { globalFlags, oldSpellings } from "./global-flags";
import type { Program } from "./manifest/builders";
import { root } from "./manifest/etcdctl";
import { run } from "./run";
import { endProcess, processArguments, processName, systemIo } from "./system-io";

/** Runs a program in this process. Resolves when all output is written; the function it returns ends the process. */
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

/**
 * The entry of the executable. One file is all programs: its name, or the name of a link to it, selects etcdctl, etcdutl, or the
 * server for `etcd`, as busybox does.
 */
export async function startByName(): Promise<void> {
  const name = programName(processName());
  const argv = processArguments();
  const program = name === "etcdutl" ? name : "etcdctl";
  const end = await start(name === "etcd" ? ["serve", ...argv] : argv, program);
  end();
}

/** Without regular expressions: a short command would wait longer for those than for its flags. */
function programName(path: string): string {
  const name = path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
  return name.toLowerCase().endsWith(".exe") ? name.slice(0, -4) : name;
}

/** `argv` is without the program's name. Never rejects: every failure becomes a message on stderr and an exit code. */
export async function main(argv: readonly string[], io: Io, program: Program = etcdctl): Promise<number> {
  const isVersion2 = program === etcdctl && usesVersion2(argv, io);
  try {
    if (!isVersion2) return await run(program, argv, io);
    const { runVersion2 } = await import("../v2/program");
    return await runVersion2(argv, io);
  } catch (error) {
    return reportFailure(error, io, isVersion2 ? "" : "Error: ");
  }
}

/** `version` is not a command of version 2: users run it whatever ETCDCTL_API is. */
function usesVersion2(argv: readonly string[], io: Io): boolean {
  return io.env["ETCDCTL_API"] === "2" && argv[0] !== "version";
}

export const etcdctl: Program = { root, globalFlags: { ...oldSpellings, ...globalFlags } };

export type ProgramName = "etcdctl" | "etcdutl";

export async function loadProgram(name: ProgramName): Promise<Program> {
  if (name === "etcdctl") return etcdctl;
  const manifest = await import("./manifest/etcdutl");
  return { root: manifest.root, globalFlags: {}, printsUsageErrorsTwice: true };
}
