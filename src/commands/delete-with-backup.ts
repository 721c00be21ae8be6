// `del --backup FILE`: writes the keys to a new file that `import` reads, then deletes exactly these. If one of them, or a
// new key of the range, was written meanwhile, nothing is deleted.
import { open, rm } from "node:fs/promises";
import { resolve } from "node:path";
import type { EtcdClient } from "../client/client";
import { notSince } from "../client/compare";
import { CliError, ExitCode } from "../errors";
import { osErrorReason } from "../go/os";
import { TxnRequest, type DeleteRangeRequest, type DeleteRangeResponse } from "../proto/gen/etcdserverpb";
import { writeAll } from "../storage/files";
import type { CommandContext } from "./command";
import { exportKeys } from "./transfer/export-keys";

export async function deleteWithBackup(
  context: CommandContext,
  client: EtcdClient,
  request: DeleteRangeRequest,
  file: string,
): Promise<DeleteRangeResponse> {
  const path = resolve(context.io.cwd, file);
  const { revision, keys } = await writeBackup(context, client, request, path);
  const deletion = TxnRequest.create({
    compare: [notSince(request, revision)],
    success: [{ request: { case: "requestDeleteRange", value: request } }],
  });
  const { succeeded, header, responses } = await client.kv.txn(deletion, context.call());
  const [response] = responses;
  if (!succeeded || response?.response?.case !== "responseDeleteRange") {
    await rm(path, { force: true });
    throw new CliError(ExitCode.error, "keys of the range were written by another client meanwhile", {
      hints: ["nothing has been deleted, and the backup is removed; try again"],
    });
  }
  if (keys === 0) await rm(path, { force: true });
  return { ...response.response.value, header };
}

/** On the disk when it resolves. The file must not exist: an earlier backup may be the only one. */
async function writeBackup(
  context: CommandContext,
  client: EtcdClient,
  { key, rangeEnd }: DeleteRangeRequest,
  path: string,
): Promise<{ revision: bigint; keys: number }> {
  const file = await open(path, "wx", 0o600).catch((cause: unknown) => {
    throw new CliError(ExitCode.io, `cannot write the backup ${path}: ${osErrorReason(cause)}`, {
      cause,
      hints: ["nothing has been deleted"],
    });
  });
  try {
    const range = { key, rangeEnd, revision: 0n };
    const exported = await exportKeys(context, client, range, "jsonl", (bytes) =>
      writeAll(file, path, [bytes]),
    );
    await file.sync();
    return exported;
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}
