// `watch [KEY] [END] [-- COMMAND]` prints events, and runs COMMAND for each. `watch -i` reads watch requests from stdin. It runs
// until a signal, or until the server cancels the watch.
// Go: etcdctl/ctlv3/command/watch_command.go.
import type { FlagTable, FlagValues } from "../input/flags";
import { ExitCode, badArgs } from "../errors";
import type { CommandContext } from "./command";
import { defineCommand } from "./command";
import {
  encryptionFlags,
  objectFlags,
  objectPrinterFor,
  objectTextFor,
  valueOpenerFor,
  type EncryptionFlags,
  type ObjectFlags,
} from "./object-flags";
import { commandLineArguments, watchEnvironment, watchFlags, watchRequest } from "./watch/arguments";
import { runBatches } from "./watch/batch";
import { eventShowerOf, type EventShower } from "./watch/events";
import { watchInteractively } from "./watch/interactive";
import { printing, runWatch, type WatchConnection, type WatchHandler } from "./watch/run";

/** Departures, and not for the lines of `watch -i`. */
const commandFlags = {
  ...watchFlags,
  ...objectFlags,
  ...encryptionFlags,
  timestamps: {
    kind: "bool",
    default: false,
    usage: "also print when each event arrived (with -w simple, yaml or jsonl)",
  },
  diff: {
    kind: "bool",
    default: false,
    usage: "print how each value changed, line by line (with -w simple)",
  },
  "exec-batch": {
    kind: "bool",
    default: false,
    usage: "run the command once for all events of a moment, which it reads from stdin as JSON lines",
  },
  debounce: {
    kind: "duration",
    default: 100,
    usage: "a batch of --exec-batch ends when no event has come for this time",
  },
} as const satisfies FlagTable;

export const command = defineCommand({
  flags: commandFlags,
  async run(context, args, flags, dashAt) {
    const env = watchEnvironment(context.io);
    const show = await eventShower(context, flags);
    if (flags.interactive && flags["encryption-config"] !== "") {
      throw badArgs("--encryption-config cannot be set with --interactive");
    }
    if (flags.interactive) return watchInteractively(context, await connect(context, flags), env);
    const { range, command: words } = commandLineArguments({ args, dashAt }, env);
    const command = words.map(String);
    if (flags["exec-batch"] && command.length === 0) {
      throw badArgs("--exec-batch needs a command after --");
    }
    const connection = await connect(context, flags);
    const request = watchRequest(range, flags.diff ? { ...flags, "prev-kv": true } : flags);
    const shown: WatchHandler = flags["exec-batch"]
      ? (watch, { io }) => runBatches(watch, { command, pauseMs: flags.debounce }, io)
      : printing(command, show);
    const handle = await withOpenedValues(shown, context, flags);
    const result = await runWatch(context, connection, request, handle).ended;
    if (result === "end of history") return ExitCode.success;
    if (typeof result === "number") return result;
    throw result;
  },
});

async function connect(
  context: CommandContext,
  flags: ObjectFlags & { readonly "exec-batch": boolean },
): Promise<WatchConnection> {
  const connection = await context.connect();
  const printer = await objectPrinterFor(context, connection, flags);
  const inParts = (await context.format()) === "simple" && !flags["exec-batch"];
  return { ...connection, printer, inParts };
}

/** How the flags want events to be shown; undefined for the printer of the format. Throws CliError where a format cannot. */
async function eventShower(
  context: CommandContext,
  flags: FlagValues<typeof commandFlags>,
): Promise<EventShower | undefined> {
  if (!flags.timestamps && !flags.diff) return undefined;
  if (flags.interactive || flags["exec-batch"]) {
    throw badArgs("--timestamps and --diff cannot be set with --interactive or --exec-batch");
  }
  const textOf = flags.diff ? await objectTextFor(flags) : undefined;
  return eventShowerOf(await context.format(), { ...flags, textOf }, context.io.clock);
}

/** With --encryption-config, the handler gets the values as the API server reads them. */
async function withOpenedValues(
  handle: WatchHandler,
  context: CommandContext,
  flags: EncryptionFlags,
): Promise<WatchHandler> {
  const opener = await valueOpenerFor(context, flags);
  if (opener === undefined) return handle;
  const { openResponses } = await import("./kubernetes/open-values");
  return (watch, used) => handle(openResponses(watch, opener), used);
}
