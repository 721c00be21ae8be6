// Runs etcdutl in this process and separates the output for scripts from hints and log lines.
import { runMain } from "../support/run-main";
import type { TestIoOptions } from "../support/test-io";

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
  const { exit, stdout, stderr } = await runMain(words, options, name);
  const lines = stderr.split(/(?<=\n)/);
  const isLog = (line: string) => /^\d{4}-\S+Z\t(info|warn|error)\tetcdutl\t/.test(line);
  const isHint = (line: string) => line.startsWith("hint: ");
  return {
    exit,
    stdout,
    stderr: lines.filter((line) => !isLog(line) && !isHint(line)).join(""),
    hints: lines.filter(isHint).map((line) => line.slice("hint: ".length).trimEnd()),
    log: lines.filter(isLog).map((line) => line.split("\t").slice(3).join("\t").trimEnd()),
  };
}
