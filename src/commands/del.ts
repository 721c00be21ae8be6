// `del KEY [END]`: removes a key or a range of keys.
// A range given by its end is announced and takes two seconds to think again, unless --range says it is meant.
// Departures: on a terminal more than one key is asked about first (del-safety/), and --dry-run only tells.
// Answers to etcdctl's del_command.go.
import type { FlagTable, FlagValues } from "../cli/flags";
import type { EtcdClient } from "../client/client";
import { sleep } from "../clock";
import { badArgs, CliError, ExitCode } from "../errors";
import { isServerError } from "../etcd/error-table";
import { isOpenRangeEnd, prefixEnd } from "../etcd/keys";
import { quote } from "../go/quote";
import type { Io } from "../io";
import { DeleteRangeRequest, DeleteRangeResponse, RangeRequest } from "../proto/gen/etcdserverpb";
import type { CallOptions } from "../transport/transport";
import type { Word } from "./arguments";
import { checkPrefixOrFromKey, keyRange } from "./arguments";
import type { CommandContext } from "./command";
import { defineCommand } from "./command";
import { Lines } from "./txn/tokenize";

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
    const { client, printer } = await context.connect();
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

// Asks a person at a terminal before more than one key is deleted, with how many there are. Never in a pipe: a script that
// runs with either end elsewhere is not asked, since nobody could answer.

/** Rejects when the answer is not yes. */
export async function confirmDelete(
  context: CommandContext,
  client: EtcdClient,
  request: DeleteRangeRequest,
): Promise<void> {
  const { stdin, stdout, stderr } = context.io;
  if (request.rangeEnd.length === 0 || !stdin.isTTY || !stdout.isTTY) return;
  const count = await countKeys(context, client, request);
  if (count === 0n) return;
  await stderr.write(`This deletes ${counted(count)} ${described(request)}. Go on? [y/N] `);
  const answer = (await new Lines(stdin.chunks()).next()) ?? "";
  if (/^\s*y(es)?\s*$/i.test(answer)) return;
  throw new CliError(ExitCode.error, "not confirmed: nothing has been deleted", {
    hints: ["--yes deletes without a question"],
  });
}

/** Undefined for a user who may write but not read. */
async function countKeys(
  context: CommandContext,
  client: EtcdClient,
  { key, rangeEnd }: DeleteRangeRequest,
): Promise<bigint | undefined> {
  try {
    const request = RangeRequest.create({ key, rangeEnd, countOnly: true });
    return (await client.kv.range(request, context.call())).count;
  } catch (error) {
    if (!isServerError(error, "permissionDenied")) throw error;
    return undefined;
  }
}

function counted(count: bigint | undefined): string {
  if (count === undefined) return "the keys (how many, you may not read)";
  return count === 1n ? "1 key" : `${count} keys`;
}

function described({ key, rangeEnd }: DeleteRangeRequest): string {
  const isOpen = isOpenRangeEnd(rangeEnd);
  if (isOpen && key.length === 1 && key[0] === 0) return "- every key there is";
  if (isOpen) return `from ${quote(key)} on`;
  if (Buffer.compare(prefixEnd(key), rangeEnd) === 0) return `beginning with ${quote(key)}`;
  return `from ${quote(key)} up to ${quote(rangeEnd)}`;
}

// `del --dry-run`: the answer that the delete would have, made of what a read finds. The header is the read's: a delete's
// revision would be the next one.

export async function whatWouldGo(
  client: EtcdClient,
  { key, rangeEnd, prevKv }: DeleteRangeRequest,
  call: CallOptions,
): Promise<DeleteRangeResponse> {
  const request = RangeRequest.create({ key, rangeEnd, countOnly: !prevKv });
  const { header, count, kvs } = await client.kv.range(request, call);
  return DeleteRangeResponse.create({ header, deleted: count, prevKvs: kvs });
}
