// The versions that a server reports, and the downgrade that changes them. An entry of the log sets the version of the cluster;
// the storage version is always the same.
// Go: server/etcdserver/version/downgrade.go and monitor.go, for a cluster of one member
import { etcdVersion } from "../../etcd/versions";
import type { RawBucket } from "../../storage/contents";
import { bucketName, clusterKey } from "../../storage/schema";

const ownVersion = etcdVersion.replace(/\.\d+$/, ".0");

export class ClusterVersions {
  readonly server = etcdVersion;
  private target: string | undefined;
  /** Undefined until the leader has decided on it. */
  private current: string | undefined;
  /** The file that was opened has the downgrade, until the first one or the first cancel. */
  private isDowngradeSet = false;

  /** `cluster`: the version in the file that was opened, or empty. */
  constructor(stored: readonly RawBucket[], cluster = "") {
    const downgrade = stored.find(({ name }) => name === bucketName.cluster)?.entries.find(isDowngrade)?.[1];
    if (downgrade !== undefined) this.target = targetIn(downgrade);
    this.current = cluster === "" ? undefined : cluster;
  }

  /** Version of the whole cluster. */
  get cluster(): string {
    return this.current ?? this.next;
  }

  /** Version of the db file's format. */
  get storage(): string {
    return this.cluster;
  }

  /** The version that the leader gives to the cluster at its next check. */
  get next(): string {
    return this.target ?? ownVersion;
  }

  /** Whether the check would change the version. */
  get isDue(): boolean {
    return this.current !== this.next;
  }

  /** Undefined: no downgrade is under way. */
  get downgradeTarget(): string | undefined {
    return this.target;
  }

  /** The reason why a downgrade to this version is not possible now. */
  obstacleTo(target: string): "invalidDowngradeTargetVersion" | "downgradeInProcess" | undefined {
    const [major, minor] = this.cluster.split(".");
    if (target !== `${major}.${Number(minor) - 1}.0`) return "invalidDowngradeTargetVersion";
    return this.target === undefined ? undefined : "downgradeInProcess";
  }

  /** Starts a downgrade. Undefined cancels it. */
  setDowngrade(target: string | undefined): void {
    this.target = target;
    this.isDowngradeSet = true;
  }

  setCluster(version: string): void {
    this.current = version;
  }

  dump(): RawBucket[] {
    if (!this.isDowngradeSet) return [];
    const json = JSON.stringify({ "target-version": this.target ?? "", enabled: this.target !== undefined });
    return [{ name: bucketName.cluster, entries: [[Buffer.from(clusterKey.downgrade), Buffer.from(json)]] }];
  }
}

export type ReadableVersions = Pick<
  ClusterVersions,
  "server" | "cluster" | "storage" | "next" | "isDue" | "downgradeTarget" | "obstacleTo" | "dump"
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
