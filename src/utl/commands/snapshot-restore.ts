// `etcdutl snapshot restore FILE`: the flags, and the checks before a byte is read.
// Answers to SnapshotRestoreCommandFunc in etcdutl's snapshot_command.go.
import { join } from "node:path";
import { defineCommand } from "../../commands/command";
import type { FlagTable, FlagValues } from "../../commands/flags";
import { CliError, ExitCode } from "../../errors";
import type { Io } from "../../io";
import { utlFlags } from "../flags";
import { newCluster } from "../new-cluster";
import { restore } from "../restore";
import { withInputFile } from "../stdin-file";

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

export const command = defineCommand({
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
