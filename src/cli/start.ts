// The bundle's one export: runs one of the programs in this process and says how the process has to end.
import { main } from "./main";
import { loadProgram, type ProgramName } from "./programs";
import { endProcess, processArguments, systemIo } from "./system-io";

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
