// The versions a server tells, and the downgrade that changes them: the cluster's and the storage's follow when the
// leader looks next. No timer runs: what has come due is found when somebody asks.
// Answers to etcd's server/etcdserver/version (version.go, monitor.go) of a cluster whose only member is this one.
import type { Clock } from "../../clock";
import { etcdVersion } from "../../etcd/versions";
import type { RawBucket } from "../../storage/contents";

/** How often etcd's leader looks whether the cluster's version shall change. */
const monitorIntervalNs = 4_000_000_000n;

const own = etcdVersion.replace(/\.\d+$/, ".0");
const [major = "", minor = ""] = own.split(".");
/** The only version one can go back to. */
const downgradeTarget = `${major}.${Number(minor) - 1}.0`;

export class ClusterVersions {
  readonly server = etcdVersion;
  private target: string | undefined;
  private settled = own;
  private dueAtNs = 0n;

  constructor(
    private readonly clock: Clock,
    stored: readonly RawBucket[],
  ) {
    const downgrade = stored.find(({ name }) => name === "cluster")?.entries.find(isDowngrade)?.[1];
    if (downgrade !== undefined) this.target = targetIn(downgrade);
    if (this.target !== undefined) this.settled = this.target;
  }

  /** Of the whole cluster. */
  get cluster(): string {
    if (this.clock.monotonicNs() >= this.dueAtNs) this.settled = this.target ?? own;
    return this.settled;
  }

  /** Of the db file. */
  get storage(): string {
    return this.cluster;
  }

  /** Undefined: none is under way. */
  get downgradeTarget(): string | undefined {
    return this.target;
  }

  /** Why a downgrade to this version is not possible now. */
  refusal(target: string): "invalidDowngradeTargetVersion" | "downgradeInProcess" | undefined {
    if (target !== downgradeTarget || this.cluster !== own) return "invalidDowngradeTargetVersion";
    return this.target === undefined ? undefined : "downgradeInProcess";
  }

  /** Undefined cancels it. */
  setDowngrade(target: string | undefined): void {
    this.settled = this.cluster;
    this.target = target;
    this.dueAtNs = this.clock.monotonicNs() + monitorIntervalNs;
  }

  /** What the file is to say of it: nothing new as long as nobody has asked for a downgrade or given one up. */
  dump(): RawBucket[] {
    if (this.dueAtNs === 0n) return [];
    const json = JSON.stringify({ "target-version": this.target ?? "", enabled: this.target !== undefined });
    return [{ name: "cluster", entries: [[Buffer.from(downgradeKey), Buffer.from(json)]] }];
  }
}

const downgradeKey = "downgrade";

function isDowngrade([key]: RawBucket["entries"][number]): boolean {
  return Buffer.from(key).toString() === downgradeKey;
}

function targetIn(json: Uint8Array): string | undefined {
  const value = JSON.parse(Buffer.from(json).toString()) as {
    "target-version"?: string;
    enabled?: boolean;
  } | null;
  return value?.enabled === true ? value["target-version"] : undefined;
}
