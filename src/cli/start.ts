// The bundle's one export: runs the program in this process and says how the process has to end.
import { main } from "./main";
import { endProcess, processArguments, systemIo } from "./system-io";

/** Resolves when all is printed; calling what it resolves to ends the process. */
export async function start(argv: readonly string[] = processArguments()): Promise<() => void> {
  const io = systemIo();
  const exitCode = await main(argv, io);
  return () => {
    endProcess(exitCode, io);
  };
}
