// The program as a function: arguments and a world in, exit code out. Everything it prints is written when it returns.
import type { Io } from "../io";
import { reportFailure } from "./exit";
import { etcdctl, type Program } from "./programs";
import { runCommand } from "./run-command";

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
