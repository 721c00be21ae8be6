// `del KEY [END]`. With END it prints a warning and waits two seconds before it deletes, unless --range is set.
// Departures: with ETCDCTL_CONFIRM=1 or a profile that says so, it asks on a terminal before it deletes a range, and --dry-run
// prints the result without deleting. Nothing else may wait for an answer: scripts run on terminals too (expect, `kubectl exec
// -it`).
// Go: etcdctl/ctlv3/command/del_command.go.
import type { FlagTable, FlagValues } from "../input/flags";
import type { EtcdClient } from "../client/client";
import { sleep } from "../clock";
import { badArgs, CliError, ExitCode } from "../errors";
import { isServerError } from "../etcd/error-table";
import { isOpenRangeEnd, prefixEnd } from "../etcd/keys";
import { quote } from "../go/quote";
import { writeHints } from "../hints";
import type { Io } from "../io";
import { DeleteRangeRequest, DeleteRangeResponse, RangeRequest } from "../proto/gen/etcdserverpb";
import type { CallOptions } from "../transport/transport";
import type { Argument } from "./arguments";
import { checkPrefixOrFromKey, keyRange } from "./arguments";
import type { CommandContext } from "./command";
import { defineCommand } from "./command";
import { LineReader } from "./tokenize";

/** The flags that a line of txn takes as well. */
export const delFlags = {
  prefix: { kind: "bool", default: false, usage: "delete all keys that begin with KEY" },
  "prev-kv": { kind: "bool", default: false, usage: "print the deleted keys and values" },
  "from-key": { kind: "bool", default: false, usage: "delete KEY and all keys after it in byte order" },
  range: {
    kind: "bool",
    default: false,
    usage: "delete the range KEY to END without the delay of two seconds",
  },
} as const satisfies FlagTable;

const commandFlags = {
  ...delFlags,
  "dry-run": { kind: "bool", default: false, usage: "print what would be deleted, but delete nothing" },
  backup: {
    kind: "string",
    default: "",
    usage: "first write the keys that are deleted to this new file, for import",
    completes: "file",
  },
  yes: { kind: "bool", default: false, usage: "do not ask, even with ETCDCTL_CONFIRM=1" },
} as const satisfies FlagTable;

const rangeDelayMs = 2000;

export const command = defineCommand({
  flags: commandFlags,
  async run(context, args, flags) {
    const request = deleteRequest(args, flags);
    if (!flags["dry-run"]) await warnAndDelay(context.io, args, flags);
    const { client, printer } = await context.connect();
    if (flags["dry-run"]) {
      await context.io.stdout.write(printer.del(await dryRun(client, request, context.call())));
      return writeHints(["this was a dry run, nothing has been deleted"], context.io);
    }
    if (!flags.yes) await confirmDelete(context, client, request);
    if (flags.backup !== "") {
      const { deleteWithBackup } = await import("./delete-with-backup");
      const response = await deleteWithBackup(context, client, request, flags.backup);
      return context.io.stdout.write(printer.del(response));
    }
    await context.io.stdout.write(printer.del(await client.kv.deleteRange(request, context.call())));
  },
});

export function deleteRequest(
  args: readonly Argument[],
  flags: FlagValues<typeof delFlags>,
): DeleteRangeRequest {
  if (args.length === 0 || args.length > 2) {
    throw badArgs("del command needs one argument as key and an optional argument as range_end");
  }
  checkPrefixOrFromKey(flags);
  return DeleteRangeRequest.create({ ...keyRange(args, flags), prevKv: flags["prev-kv"] });
}

/** Gives the user time for Ctrl-C, then rejects with the reason of `io.interrupt`. */
export async function warnAndDelay(
  io: Io,
  [key, end]: readonly Argument[],
  flags: FlagValues<typeof delFlags>,
): Promise<void> {
  if (key === undefined || end === undefined || flags.range) return;
  await io.stderr.write(
    `Warning: Keys between ${quote(key)} and ${quote(end)} will be deleted. ` +
      "Please interrupt the command within next 2 seconds to cancel. " +
      "You can provide `--range` flag to avoid the delay.\n",
  );
  await sleep(io.clock, rangeDelayMs, io.interrupt);
  io.interrupt.throwIfAborted();
}

/** Asks before a range is deleted, where the user wants that; rejects unless the answer is yes. Asks only on a terminal. */
async function confirmDelete(
  context: CommandContext,
  client: EtcdClient,
  request: DeleteRangeRequest,
): Promise<void> {
  const { stdin, stdout, stderr } = context.io;
  if (!(await context.confirmsDeletions())) return;
  if (request.rangeEnd.length === 0 || !stdin.isTTY || !stdout.isTTY) return;
  const count = await countKeys(context, client, request);
  if (count === 0n) return;
  await stderr.write(`This deletes ${countText(count)} ${rangeText(request)}. Continue? [y/N] `);
  const answer = (await new LineReader(stdin.chunks()).next()) ?? "";
  if (/^\s*y(es)?\s*$/i.test(answer)) return;
  throw new CliError(ExitCode.error, "not confirmed: nothing has been deleted", {
    hints: ["use --yes to delete without this question; ETCDCTL_CONFIRM or the profile asks for it"],
  });
}

/** Undefined if the user has no permission to read the range. */
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

function countText(count: bigint | undefined): string {
  if (count === undefined) return "the keys (no permission to count them)";
  return count === 1n ? "1 key" : `${count} keys`;
}

function rangeText({ key, rangeEnd }: DeleteRangeRequest): string {
  const isOpen = isOpenRangeEnd(rangeEnd);
  if (isOpen && key.length === 1 && key[0] === 0) return "- every key in the cluster";
  if (isOpen) return `from ${quote(key)} on`;
  if (Buffer.compare(prefixEnd(key), rangeEnd) === 0) return `beginning with ${quote(key)}`;
  return `from ${quote(key)} up to ${quote(rangeEnd)}`;
}

/** The response that the delete would have, made from a read. The header is the header of the read. */
async function dryRun(
  client: EtcdClient,
  { key, rangeEnd, prevKv }: DeleteRangeRequest,
  call: CallOptions,
): Promise<DeleteRangeResponse> {
  const request = RangeRequest.create({ key, rangeEnd, countOnly: !prevKv });
  const { header, count, kvs } = await client.kv.range(request, call);
  return DeleteRangeResponse.create({ header, deleted: count, prevKvs: kvs });
}
