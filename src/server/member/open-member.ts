// Opens a data dir as an EtcdServer: loads the db file, repeats the entries of the log that it does not have, and continues
// the log. `serve`, startEmbeddedServer and `--offline` use it.
// Must stay true: after close(), the directory has everything that was acknowledged, whatever fails.
// Go: bootstrap.go in server/etcdserver, triggerSnapshot in server.go
import { performance } from "node:perf_hooks";
import { backgroundClock } from "../../clock";
import { CliError, ExitCode } from "../../errors";
import { PutRequest, type RequestOp } from "../../proto/gen/etcdserverpb";
import type { DatabaseContents } from "../../storage/contents";
import { apiVersion, formatVersion, isOlder, parseVersion } from "../../etcd/versions";
import { quote } from "../../go/quote";
import { openDataDir, type DataDir } from "../../storage/data-dir";
import type { Steps } from "../../storage/steps";
import { segmentSizeBytes } from "../../storage/wal/layout";
import type { LogOptions, LogWriter } from "../../storage/wal/log-writer";
import { contentsOf, createEtcdServer, type EtcdServerOptions } from "./create-etcd-server";
import type { Membership } from "../cluster/membership";
import type { EtcdServer } from "./etcd-server";

/** The contents of a directory, with those of its log. Readable until the directory is closed. */
export function contentsOfDir(dir: DataDir): DatabaseContents {
  const { server } = loadMember(dir, { clock: backgroundClock });
  server.close();
  return contentsOf(server, dir.database);
}

interface LoadOptions extends EtcdServerOptions {
  /** Makes a single member out of one of several. Default: false. */
  readonly forceNewCluster?: boolean | undefined;
  /** Receives the server as the db file has it, before the entries of the log are repeated. */
  readonly onLoaded?: ((server: EtcdServer) => void) | undefined;
  /** Whether the member starts a new term, as a server does. Default: false, for a single command. */
  readonly elects?: boolean;
}

export interface LoadedMember {
  readonly server: EtcdServer;
  /** How many entries of the log were repeated. */
  readonly replayed: number;
  /** False for the directory of a cluster of several members, which is only read. */
  readonly isAlone: boolean;
  /** The other members were removed from the list, which the log does not have. */
  readonly isForced: boolean;
}

/** `database` may be only a part of the db file: see log-keys.ts. */
type LoadedDir = Pick<DataDir, "path" | "log" | "v2Store" | "isAdopted"> & {
  readonly database: DatabaseContents | undefined;
};

/** Loads the directory without writing to it. */
export function loadMember(dir: LoadedDir, options: LoadOptions): LoadedMember {
  const { log } = dir;
  const { elects = false } = options;
  const server = createEtcdServer({
    ...options,
    isReplaying: true,
    beginsLog: elects,
    contents: dir.database ?? options.contents,
    metadata: log?.metadata,
    v2Store: log === undefined && dir.v2Store === undefined ? undefined : { json: dir.v2Store },
  });
  options.onLoaded?.(server);
  for (const entry of log?.earlierEntries ?? []) server.replayV2(entry);
  const entries = log?.entries ?? [];
  const commit = log?.state.commit ?? 0n;
  const committed = entries.filter(({ Index = 0n }) => Index <= commit);
  for (const entry of committed) server.replay(entry);
  if (log === undefined || dir.isAdopted) server.standAlone();
  const isForced = options.forceNewCluster === true && !isAloneIn(server.membership);
  // As etcd does, which drops what is not committed: the other members may never have got it.
  if (isForced) server.standAlone();
  server.recordMembers();
  const isAlone = isAloneIn(server.membership);
  const rest = isAlone && !isForced ? entries.slice(committed.length) : [];
  // A single member has a majority: what it has in its log becomes committed when it starts. Go: raft's becomeLeader
  for (const entry of rest) server.replay(entry);
  if (!isAlone) server.readAlone(() => refuseCluster(dir.path));
  // A server does that with an entry of the log, when it publishes its name.
  if (!isAlone || !elects) server.settleVersion();
  return { server, replayed: committed.length + rest.length, isAlone, isForced };
}

function isAloneIn({ members, memberId }: Membership): boolean {
  return members.every(({ id, isLearner }) => (id === memberId) !== isLearner);
}

function refuseCluster(path: string): never {
  throw new CliError(
    ExitCode.error,
    `${path} is of a cluster of several members: it is only read, never written`,
    {
      hints: [
        "to go on with a single member: start serve with --force-new-cluster, which removes the other members",
        "to leave the directory unchanged: restore a snapshot of it into a new one (etcdutl snapshot restore)",
      ],
    },
  );
}

export interface OpenMemberOptions extends LoadOptions {
  readonly log?: LogOptions | undefined;
  /** How many entries the log has at least before the db file is written. Default: 10000, as in etcd. */
  readonly snapshotCount?: number | undefined;
  /** A log of this size is enough, too, however few its entries are. Default: 64 MB, the size of a segment. */
  readonly snapshotBytes?: number | undefined;
  /** How many .snap files stay; 0: all. Default: 5. */
  readonly maxSnapshots?: number | undefined;
  /** Receives the error after which the log takes no more writes. Default: `onError`. */
  readonly onLogFailure?: ((error: Error) => void) | undefined;
}

export interface OpenedMember extends LoadedMember {
  /**
   * Writes the db file in the background, if that is cheap: etcd 3.4 cannot read a log with an entry about the member's name
   * and URLs that the db file does not have.
   */
  saveIfSmall(): void;
  /** Writes what is missing in the db file, if that is worth it, and closes the log and the directory. */
  close(): Promise<void>;
}

export interface DurableOptions extends OpenMemberOptions {
  readonly walDir?: string | undefined;
  readonly maxWals?: number | undefined;
  readonly unsafeNoFsync?: boolean | undefined;
  readonly lockWaitMs?: number | undefined;
  readonly lockSignal?: AbortSignal | undefined;
}

/** Less than the time that test runners give a test: the error then names the holder of the directory. */
const defaultLockWaitMs = 2000;

/** Opens a data dir for a server, which may be that of a real etcd. */
export async function openDurably(path: string, options: DurableOptions): Promise<OpenedMember> {
  const {
    walDir,
    maxWals: maxSegments,
    unsafeNoFsync,
    lockWaitMs = defaultLockWaitMs,
    lockSignal: signal,
  } = options;
  const dir = await openDataDir(path, { mode: "write", adoptMember: true, walDir, lockWaitMs, signal });
  return openMember(dir, { ...options, elects: true, log: { maxSegments, unsafeNoFsync } });
}

/** Opens the directory for writing, unless it is of a cluster of several members. Closes it after a failure. */
export async function openMember(dir: DataDir, options: OpenMemberOptions): Promise<OpenedMember> {
  try {
    checkStorageVersion(dir);
    const loaded = loadMember(dir, { ...options, keys: undefined });
    if (!loaded.isAlone) return new ReadMember(dir, loaded);
    return await DurableMember.open(dir, loaded, options);
  } catch (error) {
    await dir.close();
    throw error;
  }
}

/** A newer etcd may have changed what the db file means. Go: Validate in server/storage/schema/schema.go */
function checkStorageVersion({ path, database }: DataDir): void {
  const version = parseVersion(database?.storageVersion ?? "");
  const ours = parseVersion(`${apiVersion}.0`);
  if (typeof version === "string" || typeof ours === "string" || !isOlder(ours, { ...version, patch: 0n }))
    return;
  throw new CliError(ExitCode.error, `version ${quote(formatVersion(version))} is not supported`, {
    hints: [`a newer etcd has written ${path}; this program writes directories of etcd 3.4 to ${apiVersion}`],
  });
}

/** Puts keys at the start, all in one revision. */
async function putKeys(server: EtcdServer, keys: NonNullable<EtcdServerOptions["keys"]>): Promise<void> {
  const success = keys.map(([key, value]): RequestOp => ({
    request: { case: "requestPut", value: PutRequest.create({ key, value }) },
  }));
  await server.proposeRequest("txn", { compare: [], success, failure: [] });
}

/** Of a cluster of several members. */
class ReadMember implements OpenedMember {
  readonly server: EtcdServer;
  readonly replayed: number;
  readonly isAlone = false;
  readonly isForced = false;

  constructor(
    private readonly dir: DataDir,
    { server, replayed }: LoadedMember,
  ) {
    this.server = server;
    this.replayed = replayed;
  }

  saveIfSmall(): void {
    // Nothing was changed.
  }

  async close(): Promise<void> {
    this.server.close();
    await this.dir.close();
  }
}

/** The db file is written when the log has grown to this share of its size: it is written as a whole. */
const logShare = 1 / 4;
/** The same for a log of few entries, which are large then: as writing the file stands beside less work for them. */
const logShareOfFew = 1 / 2;
/** The same when a server stops: the next start, or a command of `--offline`, has to read the whole log. */
const logShareAtStop = 1 / 50;
const defaultSnapshotCount = 10_000;
/** A smaller db file is written at each stop: it is cheap, and tools that look only at the db file see everything. */
const smallBytes = 16 * 1024 * 1024;
/** A command of `--offline` writes the db file when the log is longer than this: the next command has to read it. */
const longLogBytes = 256 * 1024;

class DurableMember implements OpenedMember {
  readonly server: EtcdServer;
  readonly replayed: number;
  readonly isAlone = true;
  readonly isForced: boolean;
  private log: LogWriter | undefined;
  private saving: Promise<void> | undefined;
  private isClosing = false;
  /** Of the cluster, in the newest db file. */
  private savedVersion: string | undefined;

  private constructor(
    private readonly dir: DataDir,
    { server, replayed, isForced }: LoadedMember,
    private readonly options: OpenMemberOptions,
  ) {
    this.server = server;
    this.savedVersion = dir.database?.clusterVersion;
    this.isForced = isForced;
    this.replayed = replayed;
  }

  static async open(dir: DataDir, loaded: LoadedMember, options: OpenMemberOptions): Promise<DurableMember> {
    const member = new DurableMember(dir, loaded, options);
    try {
      await member.start();
      return member;
    } catch (error) {
      member.server.close();
      await member.log?.close();
      throw error;
    }
  }

  private async start(): Promise<void> {
    const { dir, server } = this;
    const { elects = false, keys = [] } = this.options;
    const { metrics } = server;
    const logOptions: LogOptions = {
      ...this.options.log,
      onWritten: () => this.saveIfDue(),
      observer: metrics.wal,
      onFailure: (error) => this.stopWriting(error),
    };
    if (dir.log === undefined || dir.isAdopted || this.isForced) {
      this.log = await dir.create(this.contents(), this.metadata(), logOptions);
      server.useLog(this.log);
    } else {
      const { state, lastTerm } = dir.log;
      const last = (state.term ?? 0n) > lastTerm ? (state.term ?? 0n) : lastTerm;
      const term = elects ? last + 1n : last;
      this.log = await dir.continueLog(term, logOptions);
      server.useLog(this.log, term);
      if (elects) await server.lead();
    }
    server.promote();
    server.saveDefragmented = () => this.saveDefragmented();
    if (keys.length > 0) await putKeys(server, keys);
  }

  private contents(): DatabaseContents {
    const contents = contentsOf(this.server, this.dir.database ?? this.options.contents);
    return { ...contents, v2Store: this.server.saveV2() };
  }

  private metadata() {
    const { memberId, clusterId } = this.server.membership;
    return { NodeID: memberId, ClusterID: clusterId };
  }

  /** What was acknowledged is in the log. What was not may or may not be. */
  private stopWriting(error: CliError): void {
    this.server.assertWritable = () => {
      throw error;
    };
    (this.options.onLogFailure ?? this.options.onError)?.(error);
  }

  private saveIfDue(): void {
    const { log, options } = this;
    if (log === undefined || this.saving !== undefined) return;
    const { snapshotCount = defaultSnapshotCount, snapshotBytes = segmentSizeBytes } = options;
    const { entries, sizeBytes } = log.sinceSnapshot;
    const isMany = entries >= snapshotCount && this.isWorthwhile(log);
    const isLong = sizeBytes >= snapshotBytes && this.isWorthwhile(log, logShareOfFew);
    if (isMany || isLong || this.isVersionLowered) this.saveInBackground(log);
  }

  /** As in etcd, the db file is written after a downgrade: an older etcd then finds nothing newer in the log. */
  private get isVersionLowered(): boolean {
    const now = parseVersion(this.server.versions.cluster);
    const saved = parseVersion(this.savedVersion ?? "");
    return typeof now !== "string" && typeof saved !== "string" && isOlder(now, saved);
  }

  saveIfSmall(): void {
    if (this.log !== undefined && this.isSmall && this.saving === undefined) this.saveInBackground(this.log);
  }

  /** The file is then smaller on the disk too, and the store after a crash. */
  private async saveDefragmented(): Promise<void> {
    // This one may have begun before the defragmentation.
    await this.saving;
    if (this.log !== undefined && this.saving === undefined) this.saveInBackground(this.log);
    await this.saving;
  }

  private get isSmall(): boolean {
    return this.server.store.sizeBytes < smallBytes;
  }

  private saveInBackground(log: LogWriter): void {
    if (this.isClosing) return; // close() decides about the last save, and then releases the directory
    this.saving = this.save(log)
      .catch((error: unknown) => this.options.onError?.(error))
      .finally(() => {
        this.saving = undefined;
        // The version may have been lowered meanwhile.
        if (this.isVersionLowered) this.saveIfDue();
      });
  }

  private isWorthwhile({ sinceSnapshot }: LogWriter, share = logShare): boolean {
    return sinceSnapshot.sizeBytes >= this.server.store.sizeBytes * share;
  }

  private async save(log: LogWriter): Promise<void> {
    const { maxSnapshots } = this.options;
    const { store, metrics, onLog } = this.server;
    const run = <T>(steps: Steps<T>) => store.turn.runInBackground(steps);
    const startedAt = performance.now();
    this.savedVersion = this.server.versions.cluster;
    const contents = this.contents();
    await this.dir.checkpoint(contents, log, { run, maxSnapshots, observer: metrics });
    metrics.commitSeconds.observe((performance.now() - startedAt) / 1000);
    onLog?.("info", "saved snapshot to disk", { "snapshot-index": Number(contents.consistentIndex) });
  }

  async close(): Promise<void> {
    const { log, server, dir } = this;
    this.isClosing = true;
    server.close();
    try {
      await log?.flush();
      server.finishApplying();
      await this.saving;
      if (log !== undefined) await this.saveAtStop(log);
    } finally {
      await log?.close();
      await dir.close();
    }
  }

  /** The log has everything, so a failure loses nothing, unless someone has deleted the directory. */
  private async saveAtStop(log: LogWriter): Promise<void> {
    const { elects = false } = this.options;
    if (!this.dir.isHeld()) return this.makeAgain();
    const isSmall = elects && this.isSmall;
    const isLong = log.sinceSnapshot.sizeBytes >= longLogBytes;
    if (log.sinceSnapshot.entries === 0 || log.hasFailed) return;
    const isWorthIt = isLong && this.isWorthwhile(log, elects ? logShareAtStop : logShare);
    if (!isSmall && !this.isVersionLowered && !isWorthIt) return;
    log.beginSegment();
    await this.save(log).catch((error: unknown) => this.options.onError?.(error));
  }

  private async makeAgain(): Promise<void> {
    const again = await openDataDir(this.dir.path, { mode: "write", lockWaitMs: 0 });
    try {
      if (again.database !== undefined || again.log !== undefined) {
        throw new CliError(ExitCode.error, `cannot save ${this.dir.path}: another process has replaced it`);
      }
      const log = await again.create(this.contents(), this.metadata());
      await log.close();
    } finally {
      await again.close();
    }
  }
}
