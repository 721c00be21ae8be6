// Asks a person at a terminal before more than one key is deleted, with how many there are. Never in a pipe: a script that
// runs with either end elsewhere is not asked, since nobody could answer.
import type { EtcdClient } from "../../client/client";
import { CliError, ExitCode } from "../../errors";
import { quote } from "../../goformat/quote";
import { type DeleteRangeRequest, RangeRequest } from "../../proto/gen/etcdserverpb";
import { prefixEnd } from "../../prefix-end";
import { isServerError } from "../../transport/error-table";
import type { CommandContext } from "../command";
import { Lines } from "../txn-input/lines";

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
  const isOpen = rangeEnd.length === 1 && rangeEnd[0] === 0;
  if (isOpen && key.length === 1 && key[0] === 0) return "- every key there is";
  if (isOpen) return `from ${quote(key)} on`;
  if (Buffer.compare(prefixEnd(key), rangeEnd) === 0) return `beginning with ${quote(key)}`;
  return `from ${quote(key)} up to ${quote(rangeEnd)}`;
}
