// The versions that a server reports, and the downgrade that changes them. The versions of cluster and storage follow at the
// leader's next check. No timer runs: a check that is due happens at the next read.
// Go: server/etcdserver/version/downgrade.go and monitor.go, for a cluster of one member
import type { Clock } from "../../clock";
import { etcdVersion } from "../../etcd/versions";
import type { RawBucket } from "../../storage/contents";
import { bucketName, clusterKey } from "../../storage/schema";

/** How often etcd's leader checks whether the cluster version must change. */
const monitorIntervalNs = 4_000_000_000n;

const clusterVersion = etcdVersion.replace(/\.\d+$/, ".0");
const [major = "", minor = ""] = clusterVersion.split(".");
/** The only version that a downgrade can target. */
const downgradeTarget = `${major}.${Number(minor) - 1}.0`;

export class ClusterVersions {
  readonly server = etcdVersion;
  private target: string | undefined;
  private current = clusterVersion;
  private dueAtNs = 0n;

  constructor(
    private readonly clock: Clock,
    stored: readonly RawBucket[],
  ) {
    const downgrade = stored.find(({ name }) => name === bucketName.cluster)?.entries.find(isDowngrade)?.[1];
    if (downgrade !== undefined) this.target = targetIn(downgrade);
    if (this.target !== undefined) this.current = this.target;
  }

  /** Version of the whole cluster. */
  get cluster(): string {
    if (this.clock.monotonicNs() >= this.dueAtNs) this.current = this.target ?? clusterVersion;
    return this.current;
  }

  /** Version of the db file's format. */
  get storage(): string {
    return this.cluster;
  }

  /** Undefined: no downgrade is under way. */
  get downgradeTarget(): string | undefined {
    return this.target;
  }

  /** The reason why a downgrade to this version is not possible now. */
  obstacleTo(target: string): "invalidDowngradeTargetVersion" | "downgradeInProcess" | undefined {
    if (target !== downgradeTarget || this.cluster !== clusterVersion) return "invalidDowngradeTargetVersion";
    return this.target === undefined ? undefined : "downgradeInProcess";
  }

  /** Starts a downgrade. Undefined cancels it. */
  setDowngrade(target: string | undefined): void {
    this.current = this.cluster;
    this.target = target;
    this.dueAtNs = this.clock.monotonicNs() + monitorIntervalNs;
  }

  /** From a log: the leader had decided on this version. A check that is due may decide otherwise. */
  setCluster(version: string): void {
    this.current = version;
  }

  /** Empty until the first downgrade or cancel: the entry of the file that was opened then stays. */
  dump(): RawBucket[] {
    if (this.dueAtNs === 0n) return [];
    const json = JSON.stringify({ "target-version": this.target ?? "", enabled: this.target !== undefined });
    return [{ name: bucketName.cluster, entries: [[Buffer.from(clusterKey.downgrade), Buffer.from(json)]] }];
  }
}

export type ReadableVersions = Pick<
  ClusterVersions,
  "server" | "cluster" | "storage" | "downgradeTarget" | "obstacleTo" | "dump"
>;

function isDowngrade([key]: RawBucket["entries"][number]): boolean {
  return Buffer.from(key).toString() === clusterKey.downgrade;
}

function targetIn(json: Uint8Array): string | undefined {
  const value = JSON.parse(Buffer.from(json).toString()) as {
    "target-version"?: string;
    enabled?: boolean;
  } | null;
  return value?.enabled === true ? value["target-version"] : undefined;
}
