// The program as a function: arguments and a world in, exit code out. Everything it prints is written when it returns.
import type { Io } from "../io";
import { reportFailure } from "./exit";
import { etcdctl, type Program } from "./programs";
import { runCommand } from "./run-command";

/** `argv` without the program's own name. */
export async function main(argv: readonly string[], io: Io, program: Program = etcdctl): Promise<number> {
  try {
    return await runCommand(program, argv, io);
  } catch (error) {
    return reportFailure(error, io, "Error: ");
  }
}
