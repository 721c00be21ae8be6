// `del KEY [END]`: removes a key or a range of keys.
// A range given by its end is announced and takes two seconds to think again, unless --range says it is meant.
// Departures: on a terminal more than one key is asked about first (del-safety/), and --dry-run only tells.
// Answers to etcdctl's del_command.go.
import { sleep } from "../client/sleep";
import { quote } from "../goformat/quote";
import type { Io } from "../io";
import { DeleteRangeRequest } from "../proto/gen/etcdserverpb";
import { defineCommand } from "./command";
import { confirmDelete } from "./del-safety/confirm";
import { whatWouldGo } from "./del-safety/dry-run";
import type { FlagTable, FlagValues } from "./flags";
import { badArgs, checkPrefixOrFromKey, keyRange } from "./key-range";
import type { Word } from "./words";

/** What a line of txn takes too. */
export const delFlags = {
  prefix: { kind: "bool", default: false, usage: "delete the keys that begin with KEY" },
  "prev-kv": { kind: "bool", default: false, usage: "print the deleted keys and values" },
  "from-key": { kind: "bool", default: false, usage: "delete KEY and all keys after it in byte order" },
  range: { kind: "bool", default: false, usage: "a range is meant: delete it without a delay" },
} as const satisfies FlagTable;

const commandFlags = {
  ...delFlags,
  "dry-run": { kind: "bool", default: false, usage: "print what would be deleted, and delete nothing" },
  yes: { kind: "bool", default: false, usage: "do not ask before more than one key is deleted" },
} as const satisfies FlagTable;

const timeToInterruptMs = 2000;

export const command = defineCommand({
  flags: commandFlags,
  async run(context, args, flags) {
    const request = deleteRequest(args, flags);
    if (!flags["dry-run"]) await leaveTimeToInterrupt(context.io, args, flags);
    const { client, printer } = await context.session();
    if (flags["dry-run"]) {
      await context.io.stdout.write(printer.del(await whatWouldGo(client, request, context.call())));
      return context.io.stderr.write("hint: this was a dry run, nothing has been deleted\n");
    }
    if (!flags.yes) await confirmDelete(context, client, request);
    await context.io.stdout.write(printer.del(await client.kv.deleteRange(request, context.call())));
  },
});

export function deleteRequest(args: readonly Word[], flags: FlagValues<typeof delFlags>): DeleteRangeRequest {
  if (args.length === 0 || args.length > 2) {
    throw badArgs("del command needs one argument as key and an optional argument as range_end");
  }
  checkPrefixOrFromKey(flags);
  return DeleteRangeRequest.create({ ...keyRange(args, flags), prevKv: flags["prev-kv"] });
}

/** Rejects with the reason of `io.interrupt` when the user makes use of it. */
export async function leaveTimeToInterrupt(
  io: Io,
  [key, end]: readonly Word[],
  flags: FlagValues<typeof delFlags>,
): Promise<void> {
  if (key === undefined || end === undefined || flags.range) return;
  await io.stderr.write(
    `Warning: Keys between ${quote(key)} and ${quote(end)} will be deleted. ` +
      "Please interrupt the command within next 2 seconds to cancel. " +
      "You can provide `--range` flag to avoid the delay.\n",
  );
  await sleep(io.clock, timeToInterruptMs, io.interrupt);
  io.interrupt.throwIfAborted();
}
