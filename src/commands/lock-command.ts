// The command that runs under a lock: it gets our input, output and signals, and its exit code is ours. If the lock is lost
// meanwhile, that is told at once and, if wanted, the command is ended.
// Answers to lockUntilSignal in etcdctl's lock_command.go.
import { CliError, ExitCode } from "../errors";
import { exitText } from "../goformat/exit-text";
import { StartFailure, type ChildEnd, type ChildProcess, type Io } from "../io";
import { lostError, lostReason, type Hold } from "./hold";

export interface LockedCommand {
  readonly io: Io;
  readonly argv: readonly string[];
  readonly hold: Hold;
  /** Gives the lock back; false if it was gone. */
  readonly release: () => Promise<boolean>;
  readonly name: string;
  readonly key: Uint8Array;
  readonly revision: bigint;
  /** Whether the command is ended when the lock is lost. */
  readonly kills: boolean;
}

/** The time between asking a command to end and ending it. */
const graceMs = 5000;
/** Go's exit code, as the shell sees it, for a command that died of a signal. */
const signalledExitCode = 255;

export async function runLocked(locked: LockedCommand): Promise<number> {
  const { io, hold, release, name, kills } = locked;
  if (hold.stop.aborted) throw new CliError(ExitCode.error, "context canceled");
  const { lost } = hold.session;
  const child = await start(locked);
  hold.handOn = (signal) => {
    // A terminal sends Ctrl-C to the command itself as well.
    if (signal !== "SIGINT" || !io.stdin.isTTY) child.kill(signal);
  };
  const ended = await endOf(child, locked);
  hold.handOn = undefined;
  const wasHeld = await release();
  if (lost.aborted && kills) throw lostError(`session expired (the command: ${exitText(ended)})`, lost);
  if (!wasHeld && !lost.aborted)
    await io.stderr.write(`hint: the lock ${name} was lost before the command ended\n`);
  return exitCodeOf(ended);
}

async function start({ io, argv, key, revision }: LockedCommand): Promise<ChildProcess> {
  // In a lock within a lock the outer one's variables stay, as in Go.
  const { ETCD_LOCK_KEY = Buffer.from(key).toString(), ETCD_LOCK_REV = String(revision) } = io.env;
  try {
    return await io.startChild(argv, { stdin: true, env: { ETCD_LOCK_KEY, ETCD_LOCK_REV } });
  } catch (error) {
    if (!(error instanceof StartFailure)) throw error;
    throw new CliError(ExitCode.error, error.message, { cause: error });
  }
}

async function endOf(child: ChildProcess, { io, hold, name, kills }: LockedCommand): Promise<ChildEnd> {
  const { lost } = hold.session;
  let ending: Promise<void> | undefined;
  const onLost = (): void => {
    const then = kills
      ? "the command is ended"
      : "the command goes on without it (--on-lost=kill would end it)";
    void io.stderr
      .write(`hint: the lock ${name} is lost: ${lostReason(lost)}; ${then}\n`)
      .catch(() => undefined);
    if (kills) ending = child.endAll(graceMs);
  };
  if (lost.aborted) onLost();
  else lost.addEventListener("abort", onLost);
  const ended = await child.ended;
  lost.removeEventListener("abort", onLost);
  await ending;
  return ended;
}

function exitCodeOf(ended: ChildEnd): number {
  const exitCode = "exitCode" in ended ? ended.exitCode : signalledExitCode;
  if (exitCode !== 0) throw new CliError(exitCode, exitText(ended));
  return 0;
}
