// `snapshot restore FILE` of etcdutl, and of etcdctl until etcd 3.5: the flags, and the checks before a file is read.
// Go: etcdutl/etcdutl/snapshot_command.go (SnapshotRestoreCommandFunc), etcdctl/ctlv3/command/snapshot_command.go of etcd 3.5.
import { join } from "node:path";
import type { FlagTable, FlagValues } from "../../input/flags";
import { badArgs } from "../../errors";
import { writeHints } from "../../hints";
import type { Io } from "../../io";
import { withInputFile } from "../../offline/database-file";
import { newCluster } from "../../offline/new-cluster";
import { restore } from "../../offline/restore";
import { defineCommand } from "../command";
import { etcdutlFlags } from "../etcdutl";

const restoreFlags = {
  "data-dir": {
    kind: "string",
    completes: "directory",
    default: "",
    usage: "the data dir to create; default: NAME.etcd",
  },
  "wal-dir": {
    kind: "string",
    completes: "directory",
    default: "",
    usage: "the directory to create for the write-ahead log; default: inside the data dir",
  },
  "initial-cluster": {
    kind: "string",
    default: "default=http://localhost:2380",
    usage: "all members of the new cluster as NAME=PEER_URL, separated by commas",
  },
  "initial-cluster-token": {
    kind: "string",
    default: "etcd-cluster",
    usage: "makes the cluster ID and the member IDs unique",
  },
  "initial-advertise-peer-urls": {
    kind: "string",
    default: "http://localhost:2380",
    usage: "peer URLs of this member, as in --initial-cluster",
  },
  name: { kind: "string", default: "default", usage: "name of this member, as in --initial-cluster" },
  "skip-hash-check": {
    kind: "bool",
    default: false,
    usage: "do not check the hash at the end of the file; needed for a db file copied from a data dir",
  },
  "initial-memory-map-size": {
    kind: "uint64",
    default: 10_737_418_240n,
    usage: "accepted for compatibility; it has no effect",
  },
  "bump-revision": {
    kind: "uint64",
    default: 0n,
    usage: "increase the revision by this number, so that clients never see an older revision",
  },
  "mark-compacted": {
    kind: "bool",
    default: false,
    usage: "required with --bump-revision: mark all older revisions as compacted",
  },
  "for-kubernetes": {
    kind: "bool",
    default: false,
    usage:
      "restore for a Kubernetes that has run since: chooses --bump-revision and --mark-compacted, and says why",
  },
} as const satisfies FlagTable;

export const etcdutlSnapshotRestore = defineCommand({
  flags: { ...restoreFlags, ...etcdutlFlags },
  run: ({ io }, args, flags) => restoreSnapshot(args, flags, io),
});

export const etcdctlSnapshotRestore = defineCommand({
  flags: {
    ...restoreFlags,
    "initial-memory-map-size": { ...restoreFlags["initial-memory-map-size"], default: 0n },
  },
  async run({ io }, args, flags) {
    await io.stderr.write("Deprecated: Use `etcdutl snapshot restore` instead.\n\n");
    await restoreSnapshot(args, flags, io);
  },
});

async function restoreSnapshot(
  args: readonly string[],
  flags: FlagValues<typeof restoreFlags>,
  io: Io,
): Promise<void> {
  const [snapshot] = args;
  if (snapshot === undefined || args.length !== 1) {
    throw badArgs("snapshot restore requires exactly one argument");
  }
  const typedBump = flags["bump-revision"];
  if (flags["for-kubernetes"] && (typedBump > 0n || flags["mark-compacted"])) {
    throw badArgs("--for-kubernetes chooses --bump-revision and --mark-compacted itself; leave these out");
  }
  if (typedBump > 0n !== flags["mark-compacted"]) {
    throw badArgs("--mark-compacted required if --revision-bump > 0");
  }
  const clusterFlags = {
    name: flags.name,
    initialCluster: flags["initial-cluster"],
    token: flags["initial-cluster-token"],
    peerURLs: flags["initial-advertise-peer-urls"],
  };
  const cluster = await newCluster(clusterFlags, io);
  if (flags["for-kubernetes"]) await explainBump(io);
  const bumpRevision = flags["for-kubernetes"] ? kubernetesBump : typedBump;
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

/**
 * How far the revision must rise so that no client sees a revision again that it has cached: beyond all that can have been
 * written since the backup. It depends on nothing, because all members must get the same revision, and the time of a file changes
 * when it is copied.
 */
const kubernetesBump = 10_000_000_000n;

async function explainBump(io: Io): Promise<void> {
  const hints = [
    `--for-kubernetes is --bump-revision ${kubernetesBump} --mark-compacted`,
    "the revision rises so far that API servers and controllers see no revision again that they have cached: ten billion is what 77 days of 1500 writes a second need, or a year of 300",
    "older revisions count as compacted, so every watch ends and its client reads all objects again",
    "stop the API servers before etcd starts on this data; restart them, the controller manager, the scheduler and the kubelets after it",
  ];
  await writeHints(hints, io);
}
