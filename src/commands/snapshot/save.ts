// `snapshot save FILE`: copies the database of one member to a file, or with `-` to stdout. A failed or interrupted run leaves an
// older FILE unchanged and no other file. It creates the file before the first request. The flags are departures, for backup
// jobs (save-job.ts): Go's has none.
// Go: etcdctl/ctlv3/command/snapshot_command.go, client/v3/snapshot/v3_snapshot.go.
import { setFlagsFromString } from "node:v8";
import type { FlagTable, FlagValues } from "../../input/flags";
import type { EtcdClient } from "../../client/client";
import type { SnapshotSummary } from "../../client/snapshot";
import { copySnapshot } from "../../client/snapshot";
import { CliError, ExitCode, badArgs } from "../../errors";
import { oneSafeLine } from "../../go/raw-text";
import { writeHints } from "../../hints";
import { humanizeBytes } from "../../go/units";
import type { Io } from "../../io";
import { CompressedOutput, compressionOfName, compressor, plainFile } from "../../offline/compression";
import type { Verification } from "../../offline/verify-snapshot";
import { verifySnapshot } from "../../offline/verify-snapshot";
import type { CommandContext } from "../command";
import { defineCommand } from "../command";
import { PartFile } from "./part-file";
import { removeOlder, saveTarget, type SaveTarget } from "./save-job";
import { writeSaveMetrics, type Saved } from "./save-metrics";
import { failSave, selectMember } from "./select-member";
import { contentText, damageText } from "./verify";

const saveFlags = {
  "name-template": {
    kind: "string",
    default: "",
    usage: "name of the file, with {date} and {host}; FILE is then the directory. Example: etcd-{date}.db.gz",
  },
  keep: {
    kind: "uint",
    default: 0,
    usage: "afterwards keep only this many files of --name-template; 0: all",
  },
  verify: {
    kind: "bool",
    default: false,
    usage: "check the backup as a restore would, before it gets its name",
  },
  textfile: {
    kind: "string",
    default: "",
    usage: "write the result as metrics to this file, for node_exporter's textfile collector",
    completes: "file",
  },
} as const satisfies FlagTable;

export const snapshotSave = defineCommand({
  flags: saveFlags,
  async run(context, args, flags) {
    const target = saveTarget(args, flags, context.io);
    if (target.path === "-" && flags.verify) throw badArgs("--verify needs a file, not standard output");
    const startMs = context.io.clock.now();
    const report = async (saved?: Saved) => {
      if (flags.textfile === "") return;
      await writeSaveMetrics(flags.textfile, { target: target.label, startMs, saved }, context.io);
    };
    let saved: Saved;
    try {
      saved = await save(context, target, flags);
    } catch (error) {
      // The backup's failure is the one to report.
      await report().catch((reason: unknown) => writeHints([(reason as Error).message], context.io));
      throw error;
    }
    await report(saved).catch((cause: unknown) => {
      throw new CliError(ExitCode.error, (cause as Error).message, { cause, hints: ["the backup is saved"] });
    });
  },
});

async function save(
  context: CommandContext,
  target: SaveTarget,
  flags: FlagValues<typeof saveFlags>,
): Promise<Saved> {
  const { path } = target;
  const { stdout, stderr, cwd } = context.io;
  const compression = compressionOfName(path);
  if (compression !== undefined) compressor(compression).destroy(); // Fails now where the runtime cannot do it.
  const connection = await context.connect().catch(withExitCode5);
  if (path === "-") {
    checkNotTerminal(context.io);
    const { client, revision } = await selectMember(context, connection.client);
    const { version, sizeBytes } = await receive(context, client, async (blobs) => {
      for (const blob of blobs) await stdout.write(blob);
    });
    await stderr.write(summary("standard output", oneSafeLine(version)));
    return { revision, sizeBytes };
  }
  const file = await PartFile.open(path, cwd);
  const compressed =
    compression && new CompressedOutput(compression, (chunk: Uint8Array) => file.write([chunk]));
  try {
    const { client, revision } = await selectMember(context, connection.client);
    // A compressor takes a blob before it needs it.
    const compress = async (blobs: readonly Uint8Array[], to: CompressedOutput) => {
      for (const blob of blobs) await to.write(Buffer.from(blob));
    };
    const { version } = await receive(context, client, (blobs) =>
      compressed ? compress(blobs, compressed) : file.write(blobs),
    );
    await compressed?.end();
    await file.sync();
    const verified = flags.verify ? await verify(file.partPath, path, context.io) : undefined;
    await file.rename();
    await stdout.write(summary(path, version));
    if (verified) await writeHints([`verified: ${contentText(verified)}`], context.io);
    const removed = await removeOlder(target, flags.keep);
    if (removed.length > 0) await writeHints([`removed by --keep: ${removed.join(", ")}`], context.io);
    return { revision: verified ? BigInt(verified.revision) : revision, sizeBytes: file.sizeBytes };
  } catch (error) {
    compressed?.destroy();
    await file.discard();
    throw error;
  }
}

/** Opens the backup as a restore does, and checks all of it. */
async function verify(partPath: string, name: string, { interrupt }: Io): Promise<Verification> {
  const plain = await plainFile(partPath, { name, signal: interrupt });
  try {
    const result = await verifySnapshot({ path: plain.path, displayPath: name }, interrupt);
    const [first] = result.damages;
    if (first === undefined) return result;
    throw new CliError(ExitCode.interrupted, `the backup is damaged and was not kept: ${damageText(first)}`, {
      hints: [
        ...result.damages.slice(1, 10).map(damageText),
        "the member's own data may be damaged: etcdctl endpoint hashkv --cluster compares the members",
      ],
    });
  } finally {
    await plain.remove();
  }
}

/** A failed connection ends this command with code 5, other commands with 2. */
function withExitCode5(error: unknown): never {
  if (!(error instanceof CliError) || error.exitCode !== ExitCode.badConnection) throw error;
  throw new CliError(ExitCode.interrupted, error.message, { cause: error, hints: error.hints });
}

function summary(path: string, version: string): string {
  return `Snapshot saved at ${path}\n${version && `Server version ${version}\n`}`;
}

async function receive(
  context: CommandContext,
  client: EtcdClient,
  write: (blobs: readonly Uint8Array[]) => Promise<void>,
): Promise<SnapshotSummary> {
  keepYoungGenerationSmall();
  const progress = receivedProgress(context.io);
  let receivedBytes = 0;
  try {
    return await copySnapshot(
      client.transport,
      context.longCall(),
      (blobs, { sizeBytes, remainingBytes }) => {
        receivedBytes = sizeBytes;
        progress.update(sizeBytes, Number(remainingBytes));
        return write(blobs);
      },
    );
  } catch (error) {
    return failSave(error, receivedBytes);
  } finally {
    progress.stop();
  }
}

/** All objects of a message are garbage after it. A young generation that grows leaves the processor's caches: +20 % CPU time. */
function keepYoungGenerationSmall(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
}

function checkNotTerminal({ stdout }: Io): void {
  if (!stdout.isTTY) return;
  throw new CliError(ExitCode.badArgs, "a snapshot is binary data and stdout is a terminal", {
    hints: ["redirect it to a program or a file: etcdctl snapshot save - | gzip > backup.db.gz"],
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
