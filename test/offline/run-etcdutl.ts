// etcdutl as a program in this process: arguments and an Io of buffers in, what it printed out. Hints and log lines are
// told apart from what scripts read.
import { loadProgram, main } from "../../src/cli/main";
import { testIo, type TestIoOptions } from "../support/test-io";

export interface EtcdutlRan {
  readonly exit: number;
  readonly stdout: string;
  /** Without log lines and hints. */
  readonly stderr: string;
  readonly hints: readonly string[];
  /** `restored snapshot …`, without time and level. */
  readonly log: readonly string[];
}

export const etcdutl = (words: readonly string[], options: TestIoOptions = {}) =>
  runProgram("etcdutl", words, options);

export async function runProgram(
  name: "etcdctl" | "etcdutl",
  words: readonly string[],
  options: TestIoOptions = {},
): Promise<EtcdutlRan> {
  const io = testIo(options);
  const exit = await main(words, io, await loadProgram(name));
  const lines = io.stderr.text.split(/(?<=\n)/);
  const isLog = (line: string) => /^\d{4}-\S+Z\t(info|warn)\tetcdutl\t/.test(line);
  const isHint = (line: string) => line.startsWith("hint: ");
  return {
    exit,
    stdout: io.stdout.text,
    stderr: lines.filter((line) => !isLog(line) && !isHint(line)).join(""),
    hints: lines.filter(isHint).map((line) => line.slice("hint: ".length).trimEnd()),
    log: lines.filter(isLog).map((line) => line.split("\t").slice(3).join("\t").trimEnd()),
  };
}
