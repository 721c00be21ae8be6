// Runs one watch: what comes goes to a handler, until a signal or until the server cancels the watch.
import { watchInParts } from "../../client/packed-watch";
import { Watch, WatchCanceled } from "../../client/watch";
import { CliError, EndOfHistory, ExitCode, type ErrorDetails } from "../../errors";
import { writeHints } from "../../hints";
import type { Io } from "../../io";
import type { Printer } from "../../output/printer";
import type { WatchCreateRequest, WatchResponse } from "../../proto/gen/etcdserverpb";
import type { CommandContext, Connection } from "../command";
import { breakText, reportAfterMs, type EventShower } from "./events";
import { runForEach } from "./exec";

export interface WatchConnection extends Connection {
  /** The handler gets large responses in parts: the output of the format simple is that of the events, one by one. */
  readonly inParts: boolean;
}

/** What is done with the responses of a watch until it ends. */
export type WatchHandler = (
  watch: AsyncIterable<WatchResponse>,
  used: { readonly printer: Printer; readonly io: Io },
) => Promise<WatchEnd>;

/** An error if the server canceled the watch, an exit code if a command failed. Only --offline has an end of the history. */
export type WatchEnd = CliError | number | "end of history";

export interface RunningWatch {
  /** Resolves when the server has created or rejected the watch. */
  readonly created: Promise<void>;
  readonly ended: Promise<WatchEnd>;
  requestProgress(): void;
}

/** Runs one watch. With --offline it ends. Go: printWatchCh */
export function runWatch(
  context: Pick<CommandContext, "io" | "stream">,
  connection: WatchConnection,
  request: WatchCreateRequest,
  handle: WatchHandler,
): RunningWatch {
  const { io } = context;
  const { client, inParts } = connection;
  let setCreated!: () => void;
  const created = new Promise<void>((resolve) => (setCreated = resolve));
  let isBroken = false;
  const watch = new Watch(inParts ? watchInParts(client.transport) : client.watch, request, {
    streamOptions: context.stream(),
    clock: io.clock,
    inParts,
    // In a pipe the watch waits in silence, as Go's does.
    ...(io.stderr.isTTY && { reportAfterMs }),
    onCreated() {
      isBroken = false;
      setCreated();
    },
    onStreamBroken(error, revision) {
      if (!isBroken) void writeHints([breakText(error, revision)], io).catch(() => undefined);
      isBroken = true;
    },
  });
  const ended = handleEvents(watch, connection, handle, io);
  ended.then(setCreated, setCreated);
  return { created, ended, requestProgress: () => watch.requestProgress() };
}

/** Prints the events, and runs the command for each. */
export function printing(command: readonly string[], show?: EventShower): WatchHandler {
  return async (watch, { printer, io }) => {
    for await (const response of watch) {
      if (response.events.length === 0 && response.header) {
        await io.stdout.write(printer.watchProgress(response.header.revision));
      }
      const text =
        show && response.events.length > 0 ? show(response.events, printer) : printer.watch(response);
      await io.stdout.write(text);
      if (command.length > 0 && !(await runForEach(response, command, io))) return 1;
    }
    return canceledByServer({});
  };
}

async function handleEvents(
  watch: Watch,
  { printer }: Connection,
  handle: WatchHandler,
  io: Io,
): Promise<WatchEnd> {
  try {
    return await handle(watch, { printer, io });
  } catch (error) {
    if (error instanceof EndOfHistory) return "end of history";
    if (!(error instanceof WatchCanceled)) throw error;
    const { hints, compactRevision: oldest } = error;
    if (!error.response) {
      const reason = error.message === "" ? [] : [`reason given by the server: ${error.message}`];
      return canceledByServer({ cause: error, hints: [...reason, ...hints] });
    }
    await io.stderr.write(`watch was canceled (${error.message})\n`);
    await io.stdout.write(printer.watch(error.response));
    if (oldest === 0n) return canceledByServer({ cause: error, hints });
    const advice = `the history before revision ${oldest} is compacted: start with --rev=${oldest} or later`;
    return canceledByServer({ cause: error, hints: [advice] });
  }
}

function canceledByServer(details: ErrorDetails): CliError {
  return new CliError(ExitCode.interrupted, "watch is canceled by the server", details);
}
