// The events of one watch as they come: printed, then a command run for each. Answers to printWatchCh in etcdctl's
// watch_command.go.
import { Watch, WatchCanceled } from "../client/watch";
import { exitText } from "../goformat/exit-text";
import { quote } from "../goformat/quote";
import { StartFailure, type ChildEnd, type Io } from "../io";
import type { WatchCreateRequest, WatchResponse } from "../proto/gen/etcdserverpb";
import { Event_EventType, type Event } from "../proto/gen/mvccpb";
import type { CommandContext, Session } from "./command";

export interface RunningWatch {
  /** Resolves when the server has taken the watch, or refused it. */
  readonly begun: Promise<void>;
  /** The hints of a watch that the server has ended, or the exit code after a command that failed. */
  readonly ended: Promise<readonly string[] | number>;
  requestProgress(): void;
}

export function runWatch(
  context: Pick<CommandContext, "io" | "stream">,
  session: Session,
  request: WatchCreateRequest,
  command: readonly string[],
): RunningWatch {
  const { io } = context;
  let begin!: () => void;
  const created = new Promise<void>((resolve) => (begin = resolve));
  let isBroken = false;
  const watch = new Watch(session.client.watch, request, {
    stream: context.stream(),
    clock: io.clock,
    onCreated() {
      isBroken = false;
      begin();
    },
    onBreak(error, revision) {
      if (!isBroken)
        void io.stderr.write(`hint: ${breakText(error.message, revision)}\n`).catch(() => undefined);
      isBroken = true;
    },
  });
  const ended = showEvents(watch, session, command, io);
  ended.then(begin, begin);
  return { begun: created, ended, requestProgress: () => watch.requestProgress() };
}

function breakText(reason: string, revision: bigint): string {
  const goesOn = revision > 0n ? `goes on from revision ${revision}` : "begins";
  return `the stream broke (${reason}); the watch ${goesOn} when a member answers`;
}

async function showEvents(
  watch: Watch,
  { printer }: Session,
  command: readonly string[],
  io: Io,
): Promise<readonly string[] | number> {
  try {
    for await (const response of watch) {
      if (response.events.length === 0 && response.header) {
        await io.stdout.write(printer.watchProgress(response.header.revision));
      }
      await io.stdout.write(printer.watch(response));
      if (command.length > 0 && !(await runForEach(response, command, io))) return 1;
    }
    return [];
  } catch (error) {
    if (!(error instanceof WatchCanceled)) throw error;
    if (!error.response) return error.message === "" ? [] : [`its reason: ${error.message}`];
    await io.stderr.write(`watch was canceled (${error.message})\n`);
    await io.stdout.write(printer.watch(error.response));
    const first = error.compactRevision;
    return first === 0n
      ? error.hints
      : [`the history before revision ${first} is compacted: start with --rev=${first} or later`];
  }
}

/** False as soon as one fails, which ends all. */
async function runForEach(response: WatchResponse, command: readonly string[], io: Io): Promise<boolean> {
  for (const event of response.events) {
    const failure = await runFor(event, response.header?.revision ?? 0n, command, io);
    if (failure === undefined) continue;
    await io.stderr.write(`command [${command.map(quote).join(" ")}] error (${failure})\n`);
    return false;
  }
  return true;
}

async function runFor(
  { type, kv }: Event,
  revision: bigint,
  command: readonly string[],
  io: Io,
): Promise<string | undefined> {
  const env = {
    ETCD_WATCH_REVISION: String(revision),
    ETCD_WATCH_EVENT_TYPE: quote(type === Event_EventType.DELETE ? "DELETE" : "PUT"),
    ETCD_WATCH_KEY: quote(kv?.key ?? ""),
    ETCD_WATCH_VALUE: quote(kv?.value ?? ""),
  };
  try {
    const child = await io.startChild(command, { env });
    const end = await unlessInterrupted(child.ended, io.interrupt);
    return "exitCode" in end && end.exitCode === 0 ? undefined : exitText(end);
  } catch (error) {
    if (!(error instanceof StartFailure)) throw error;
    return error.message;
  }
}

function unlessInterrupted(ended: Promise<ChildEnd>, interrupt: AbortSignal): Promise<ChildEnd> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(interrupt.reason as Error);
    if (interrupt.aborted) return stop();
    interrupt.addEventListener("abort", stop);
    void ended.then(resolve).finally(() => interrupt.removeEventListener("abort", stop));
  });
}
