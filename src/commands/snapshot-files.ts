// `etcdutl snapshot restore FILE`: the flags, and the checks before a byte is read.
// Answers to SnapshotRestoreCommandFunc in etcdutl's snapshot_command.go.
import { join } from "node:path";
import type { FlagTable, FlagValues } from "../cli/flags";
import { CliError, ExitCode } from "../errors";
import { humanizeBytes } from "../go/units";
import type { Io } from "../io";
import { checkExists, waitUntilUnlocked, withInputFile } from "../offline/database-file";
import { newCluster } from "../offline/new-cluster";
import { restore } from "../offline/restore";
import type { SnapshotStatus } from "../offline/status";
import { snapshotStatus } from "../offline/status";
import { defineCommand } from "./command";
import { utlFlags } from "./etcdutl";
import type { Answer } from "./file-report";
import { answerPrinter } from "./file-report";

export const restoreFlags = {
  "data-dir": {
    kind: "string",
    completes: "directory",
    default: "",
    usage: "the data dir to make; NAME.etcd if not given",
  },
  "wal-dir": {
    kind: "string",
    completes: "directory",
    default: "",
    usage: "the directory to make for the write-ahead log; inside of the data dir if not given",
  },
  "initial-cluster": {
    kind: "string",
    default: "default=http://localhost:2380",
    usage: "all members of the new cluster, name=peer URL, separated by commas",
  },
  "initial-cluster-token": {
    kind: "string",
    default: "etcd-cluster",
    usage: "a word that makes the ids of the new cluster its own",
  },
  "initial-advertise-peer-urls": {
    kind: "string",
    default: "http://localhost:2380",
    usage: "this member's peer URLs, as --initial-cluster has them",
  },
  name: { kind: "string", default: "default", usage: "this member's name, as --initial-cluster has it" },
  "skip-hash-check": {
    kind: "bool",
    default: false,
    usage: "do not check the hash at the end of the file; a db file copied from a data dir has none",
  },
  "initial-memory-map-size": {
    kind: "uint64",
    default: 10_737_418_240n,
    usage: "taken for the sake of scripts; no memory is mapped",
  },
  "bump-revision": {
    kind: "uint64",
    default: 0n,
    usage:
      "by how much the revision is to be higher than in the snapshot, for clients that have seen later ones",
  },
  "mark-compacted": {
    kind: "bool",
    default: false,
    usage: "with --bump-revision, and only with it: all before the new revision counts as compacted",
  },
} as const satisfies FlagTable;

export const etcdutlSnapshotRestore = defineCommand({
  flags: { ...restoreFlags, ...utlFlags },
  run: ({ io }, args, flags) => restoreSnapshot(args, flags, io),
});

export async function restoreSnapshot(
  args: readonly string[],
  flags: FlagValues<typeof restoreFlags>,
  io: Io,
): Promise<void> {
  const [snapshot] = args;
  if (snapshot === undefined || args.length !== 1) {
    throw new CliError(ExitCode.badArgs, "snapshot restore requires exactly one argument");
  }
  const bumpRevision = flags["bump-revision"];
  if (bumpRevision > 0n !== flags["mark-compacted"]) {
    throw new CliError(ExitCode.badArgs, "--mark-compacted required if --revision-bump > 0");
  }
  const cluster = await newCluster({
    name: flags.name,
    initialCluster: flags["initial-cluster"],
    token: flags["initial-cluster-token"],
    peerURLs: flags["initial-advertise-peer-urls"],
  });
  const dataDir = flags["data-dir"] || `${flags.name}.etcd`;
  await withInputFile(snapshot, io, (file) =>
    restore(
      {
        snapshot: file,
        cluster,
        dataDir,
        walDir: flags["wal-dir"] || join(dataDir, "member", "wal"),
        skipHashCheck: flags["skip-hash-check"],
        initialMemoryMapSize: flags["initial-memory-map-size"],
        bumpRevision,
      },
      io,
    ),
  );
}

// `etcdutl snapshot status FILE`, and what `etcdctl snapshot status` of etcd 3.5 shares with it.
// Answers to SnapshotStatusCommandFunc in etcdutl's snapshot_command.go; order of failures included.

export const etcdutlSnapshotStatus = defineCommand({
  flags: utlFlags,
  async run({ io }, args, flags) {
    await printStatus(args, { format: flags["write-out"], as35: false, timeoutMs: flags.timeout }, io);
  },
});

export interface StatusForm {
  readonly format: string;
  /** As etcd 3.5: all records count as keys, and there is no version. */
  readonly as35: boolean;
  /** How long to wait for an etcd to end that has the file locked. */
  readonly timeoutMs: number;
}

export async function printStatus(args: readonly string[], form: StatusForm, io: Io): Promise<void> {
  const [name] = args;
  if (name === undefined || args.length !== 1) {
    throw new CliError(ExitCode.badArgs, "snapshot status requires exactly one argument");
  }
  await withInputFile(name, io, async (file) => {
    if (!form.as35) checkExists(file);
    const print = answerPrinter(form.format);
    if (form.as35) checkExists(file);
    await waitUntilUnlocked(file, { timeoutMs: form.timeoutMs, io });
    const status = await snapshotStatus(file, { signal: io.interrupt, countsAll: form.as35 });
    await io.stdout.write(print(statusAnswer(status, form)));
  });
}

function statusAnswer(status: SnapshotStatus, { as35 }: StatusForm): Answer {
  const { hash, revision, totalKeys, totalSizeBytes, version } = status;
  const size = humanizeBytes(BigInt(totalSizeBytes));
  return {
    fields: [
      { title: "hash", fieldName: "Hash", jsonName: "hash", value: hash, shown: hash.toString(16) },
      { title: "revision", fieldName: "Revision", jsonName: "revision", value: revision },
      { title: "total keys", fieldName: "Keys", jsonName: "totalKey", value: totalKeys },
      { title: "total size", fieldName: "Size", jsonName: "totalSize", value: totalSizeBytes, shown: size },
      ...(as35 ? [] : [{ title: "version", fieldName: "Version", jsonName: "version", value: version }]),
    ],
  };
}

// `etcdctl snapshot restore`, which etcd 3.6 took away, with the flags that it had in 3.5: they are etcdutl's.
// Answers to etcdctl's snapshot_command.go of etcd 3.5.

export const etcdctlSnapshotRestore = defineCommand({
  flags: restoreFlags,
  async run({ io }, args, flags) {
    await io.stderr.write("Deprecated: Use `etcdutl snapshot restore` instead.\n\n");
    await restoreSnapshot(args, flags, io);
  },
});

// `etcdctl snapshot status`, which etcd 3.6 took away, as it was in 3.5: what it counts and prints is 3.5's, for the scripts
// that still call it. Answers to etcdctl's snapshot_command.go of etcd 3.5.

export const etcdctlSnapshotStatus = defineCommand({
  flags: { "write-out": { ...utlFlags["write-out"], hidden: true } },
  async run({ io }, args, flags) {
    await io.stderr.write("Deprecated: Use `etcdutl snapshot status` instead.\n\n");
    await printStatus(
      args,
      { format: flags["write-out"], as35: true, timeoutMs: utlFlags.timeout.default },
      io,
    );
  },
});
