// `watch KEY -- COMMAND`: the command runs for each event, which it gets in environment variables.
// Go: etcdctl/ctlv3/command/watch_command.go (printWatchCh)
import { exitText } from "../../go/os";
import { quote } from "../../go/quote";
import type { Io } from "../../io";
import { StartFailure } from "../../io";
import type { WatchResponse } from "../../proto/gen/etcdserverpb";
import { Event_EventType, type Event } from "../../proto/gen/mvccpb";
import { unlessInterrupted } from "./batch";

/** Stops and returns false at the first failed command. */
export async function runForEach(
  response: WatchResponse,
  command: readonly string[],
  io: Io,
): Promise<boolean> {
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
