// The programs in the bundle, as data: what a program's commands are and which flags they all take. Everything that runs a
// command line (cli/run-command.ts) is the same for each. Answers to the main packages of etcdctl and etcdutl.
import type { FlagTable } from "../commands/flags";
import type { CommandNode } from "./command-node";
import { globalFlags, oldSpellings } from "./global-flags";
import { root } from "./manifest/root";

export interface Program {
  /** Its name is the program's. */
  readonly root: CommandNode;
  /** Taken anywhere on the command line, beside the flags of the commands on the way. */
  readonly everyCommandsFlags: FlagTable;
  /** Go's etcdutl tells a command line that it does not understand twice: cobra does, then its main. */
  readonly tellsUsageErrorsTwice?: boolean;
}

export const etcdctl: Program = { root, everyCommandsFlags: { ...oldSpellings, ...globalFlags } };

export type ProgramName = "etcdctl" | "etcdutl";

export async function loadProgram(name: ProgramName): Promise<Program> {
  if (name === "etcdctl") return etcdctl;
  const manifest = await import("./manifest/utl");
  return { root: manifest.root, everyCommandsFlags: {}, tellsUsageErrorsTwice: true };
}
