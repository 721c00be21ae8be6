// Runs etcdctl or etcdutl in this process with an Io of buffers. The environment is that of the options, and patience.
import { loadProgram, main } from "../../src/cli/main";
import { patience } from "./patience";
import { testIo, type TestIo, type TestIoOptions } from "./test-io";

export interface MainResult {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly io: TestIo;
}

export async function runMain(
  words: readonly string[],
  options: TestIoOptions = {},
  name: "etcdctl" | "etcdutl" = "etcdctl",
): Promise<MainResult> {
  const io = testIo({ ...options, env: { ...patience, ...options.env } });
  const exit = await main(words, io, await loadProgram(name));
  return { exit, stdout: io.stdout.text, stderr: io.stderr.text, io };
}
