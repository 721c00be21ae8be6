// The real world as an Io: the only user of `process`. What a command prints has left the process when write() returns.
// The first Ctrl-C or SIGTERM asks the command to stop, the second one ends the process at once.
import { Interrupted, type Io } from "../io";
import { systemClock } from "../system-clock";
import { signalOf } from "./exit";
import { StdinReader } from "./stdin";
import { FdStream } from "./stdout";
import { startProgress } from "./terminal";

export function systemIo(): Io {
  const interrupt = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      interrupt.abort(new Interrupted(signal));
    });
  }
  const stdout = new FdStream(1, () => process.stdout, interrupt.signal);
  const stdin = new StdinReader(() => process.stdin, interrupt.signal);
  return {
    stdin,
    stdout,
    stderr: new FdStream(2, () => process.stderr, interrupt.signal),
    env: process.env,
    cwd: process.cwd(),
    clock: systemClock,
    interrupt: interrupt.signal,
    async readPassword(prompt) {
      await stdout.write(prompt);
      const password = await stdin.readSecretLine(() => process.kill(process.pid, "SIGINT"));
      await stdout.write("\n");
      return password;
    },
    progress: () => startProgress(process.stderr, process.env),
  };
}

export function processArguments(): string[] {
  return process.argv.slice(2);
}

/** An interrupted command dies of its signal: only then does a shell script that ran it stop too. */
export function endProcess(exitCode: number, io: Io): void {
  const signal = io.interrupt.aborted ? signalOf(exitCode) : undefined;
  if (signal === undefined) process.exit(exitCode);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}
