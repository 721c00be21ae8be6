// `snapshot save FILE`: the whole database of one member into a file, or with `-` to stdout, for a pipe to compress or store.
// A failed or interrupted run leaves nothing behind and an older FILE untouched. The path is tried before the network.
// Answers to etcdctl's snapshot_command.go and clientv3/snapshot.
import type { EtcdClient } from "../../client/client";
import { copySnapshot, DamagedSnapshot, type SnapshotSummary } from "../../client/snapshot";
import { CliError, EtcdError, ExitCode, StatusCode } from "../../errors";
import { humanizeBytes } from "../../goformat/humanize";
import type { Io } from "../../io";
import { defineCommand, type CommandContext } from "../command";
import { badArgs } from "../key-range";
import { chooseEndpoint } from "./choose-endpoint";
import { PartFile } from "./part-file";

export const command = defineCommand({
  flags: {},
  async run(context, args) {
    const [path] = args;
    if (path === undefined || args.length !== 1) {
      throw badArgs("snapshot save expects one argument <filename>");
    }
    const { stdout, stderr, cwd } = context.io;
    const session = await context.session().catch(asInterrupted);
    if (path === "-") {
      refuseTerminal(context.io);
      const client = await sourceOf(context, session.client);
      const { version } = await receive(context, client, (blob) => stdout.write(blob));
      return stderr.write(summary("standard output", version));
    }
    const file = await PartFile.open(path, cwd);
    try {
      const client = await sourceOf(context, session.client);
      const { version } = await receive(context, client, (blob) => file.write(blob));
      await file.finish();
      await stdout.write(summary(path, version));
    } catch (error) {
      await file.discard();
      throw error;
    }
  },
});

/** Where other commands end with 2, this one has its own code. */
function asInterrupted(error: unknown): never {
  if (!(error instanceof CliError) || error.exitCode !== ExitCode.badConnection) throw error;
  throw new CliError(ExitCode.interrupted, error.message, { cause: error, hints: error.hints });
}

function summary(path: string, version: string): string {
  return `Snapshot saved at ${path}\n${version && `Server version ${version}\n`}`;
}

/** A member that answers. One that does not is found out here, since the stream itself may take as long as it takes. */
async function sourceOf(context: CommandContext, client: EtcdClient): Promise<EtcdClient> {
  const endpoints = await context.endpoints();
  if (endpoints.length <= 1) {
    await client.maintenance.status({}, context.call()).catch((error: unknown) => fail(error, 0));
    return client;
  }
  const chosen = await chooseEndpoint(context, endpoints);
  await context.io.stderr.write(
    `hint: of ${endpoints.length} endpoints, the snapshot is taken from ${chosen.endpoint} (${chosen.role})\n`,
  );
  return chosen.client;
}

async function receive(
  context: CommandContext,
  client: EtcdClient,
  write: (blob: Uint8Array) => Promise<void> | void,
): Promise<SnapshotSummary> {
  const progress = receivedProgress(context.io);
  let receivedBytes = 0;
  try {
    return await copySnapshot(client.maintenance, context.longCall(), (blob, remainingBytes) => {
      receivedBytes += blob.length;
      progress.update(receivedBytes, Number(remainingBytes));
      return write(blob);
    });
  } catch (error) {
    return fail(error, receivedBytes);
  } finally {
    progress.stop();
  }
}

/** Go shows the bare status of a stream that did not begin; later it tells what it was doing. */
function fail(error: unknown, receivedBytes: number): never {
  if (error instanceof DamagedSnapshot) {
    throw new CliError(ExitCode.interrupted, error.message, { cause: error });
  }
  if (!(error instanceof EtcdError)) throw error;
  const isLate = error.code === StatusCode.DeadlineExceeded;
  const reason = receivedBytes > 0 ? `could not write snapshot: ${error.message}` : error.rawMessage;
  const message = isLate && receivedBytes === 0 ? error.message : reason;
  throw new CliError(ExitCode.interrupted, message, { cause: error, hints: error.hints });
}

function refuseTerminal({ stdout }: Io): void {
  if (!stdout.isTTY) return;
  throw new CliError(ExitCode.badArgs, "a snapshot is binary data and stdout is a terminal", {
    hints: ["send it to a program or a file: etcdctl snapshot save - | gzip > backup.db.gz"],
  });
}

const updateEveryMs = 100;

function receivedProgress(io: Io): {
  update(receivedBytes: number, remainingBytes: number): void;
  stop(): void;
} {
  const line = io.progress();
  const startMs = io.clock.now();
  let shownMs = 0;
  return {
    update(receivedBytes, remainingBytes) {
      const nowMs = io.clock.now();
      if (nowMs - shownMs < updateEveryMs) return;
      shownMs = nowMs;
      const perSecond = (receivedBytes * 1000) / Math.max(1, nowMs - startMs);
      const size = (bytes: number) => humanizeBytes(BigInt(Math.round(bytes)));
      line.update(`${size(receivedBytes)} of ${size(receivedBytes + remainingBytes)}, ${size(perSecond)}/s`);
    },
    stop: () => line.stop(),
  };
}
