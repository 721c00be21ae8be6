// The simplest store that behaves as etcd's: every version of every key in an array, and nothing is ever removed. The model
// test compares the server with it, so it must stay too simple to be wrong.
import type { KeyValue } from "../../src/proto/gen/mvccpb";

export interface Version {
  /** The revision, and the place of the change in it. */
  readonly main: number;
  readonly sub: number;
  readonly isDelete: boolean;
  readonly value: string;
  readonly create: number;
  readonly version: number;
  readonly lease: bigint;
}

export interface Change extends Version {
  readonly key: string;
}

export interface NaiveLease {
  readonly ttl: bigint;
  expiresAtMs: number;
}

export const minLeaseTtl = 2n;
/** What a start adds to the TTL of each lease. */
export const leaseGraceMs = 1000;

/** An error that the server answers with. */
export class Refusal extends Error {}

export const refuse = (text: string): never => {
  throw new Refusal(`etcdserver: ${text}`);
};

export class NaiveStore {
  revision = 1;
  compactRevision = -1;
  /** The monotonic time of the server's process. */
  nowMs = 0;
  readonly chains = new Map<string, Version[]>();
  readonly changes: Change[] = [];
  readonly leases = new Map<bigint, NaiveLease>();
  /** Places of the changes in the revision that is being made. */
  private nextSub = 0;

  /** `end` as in the API: empty for the one key, "\0" for all keys from `key` on. */
  keysIn(key: string, end: string): string[] {
    const isIn = (name: string) => (end === "" ? name === key : name >= key && (end === "\0" || name < end));
    return [...this.chains.keys()].filter(isIn).sort((a, b) => (a < b ? -1 : 1));
  }

  /** The version of a key at a revision, unless it did not exist. */
  at(key: string, revision: number): Version | undefined {
    const found = this.chains.get(key)?.findLast(({ main }) => main <= revision);
    return found === undefined || found.isDelete ? undefined : found;
  }

  /** Also sees the changes of the revision that is being made. */
  now(key: string): Version | undefined {
    return this.at(key, Infinity);
  }

  put(key: string, value: string, lease: bigint): void {
    const before = this.now(key);
    const create = before?.create ?? this.revision + 1;
    this.add(key, { isDelete: false, value, create, version: (before?.version ?? 0) + 1, lease });
  }

  delete(key: string): void {
    this.add(key, { isDelete: true, value: "", create: 0, version: 0, lease: 0n });
  }

  private add(key: string, change: Omit<Version, "main" | "sub">): void {
    const version = { ...change, main: this.revision + 1, sub: this.nextSub++ };
    const chain = this.chains.get(key);
    if (chain === undefined) this.chains.set(key, [version]);
    else chain.push(version);
    this.changes.push({ ...version, key });
  }

  /** The revision that a reader inside the write sees. */
  get writing(): number {
    return this.nextSub > 0 ? this.revision + 1 : this.revision;
  }

  /** Ends a write. Without changes it makes no revision. */
  commit(): void {
    if (this.nextSub > 0) this.revision++;
    this.nextSub = 0;
  }

  compact(revision: number): void {
    if (revision <= this.compactRevision) refuse("mvcc: required revision has been compacted");
    if (revision > this.revision) refuse("mvcc: required revision is a future revision");
    this.compactRevision = revision;
  }

  grant(id: bigint, ttl: bigint): bigint {
    if (this.leases.has(id)) refuse("lease already exists");
    const granted = ttl < minLeaseTtl ? minLeaseTtl : ttl;
    this.leases.set(id, { ttl: granted, expiresAtMs: this.nowMs + Number(granted) * 1000 });
    return granted;
  }

  keysOf(lease: bigint): string[] {
    return [...this.chains.keys()].filter((key) => this.now(key)?.lease === lease).sort();
  }

  /** Also the end of a lease that has expired. */
  revoke(id: bigint): void {
    if (!this.leases.has(id)) refuse("requested lease not found");
    for (const key of this.keysOf(id)) this.delete(key);
    this.leases.delete(id);
    this.commit();
  }

  /** The leases that have expired, in the order of their times. */
  expired(): bigint[] {
    const due = [...this.leases].filter(([, { expiresAtMs }]) => expiresAtMs <= this.nowMs);
    return due.sort(([, a], [, b]) => a.expiresAtMs - b.expiresAtMs).map(([id]) => id);
  }

  /** A new process: its clock begins anew, and each lease has its whole TTL again. */
  restart(): void {
    this.nowMs = 0;
    for (const lease of this.leases.values()) lease.expiresAtMs = Number(lease.ttl) * 1000 + leaseGraceMs;
  }

  /** Everything that a client can read of the present. */
  state(): string {
    const keys = this.keysIn("\0", "\0").flatMap((key) => {
      const found = this.now(key);
      return found === undefined ? [] : [shownVersion(key, found)];
    });
    return stateText(this.revision, this.compactRevision, [...this.leases.keys()], keys);
  }
}

export const shownVersion = (key: string, { value, main, create, version, lease }: Version) =>
  `${key}=${value} m${main} c${create} v${version} l${lease}`;

/** The same text as the model's, of the server's keys. */
export const shownKeyValue = ({ key, value, modRevision, createRevision, version, lease }: KeyValue) =>
  shownVersion(textOf(key), {
    ...{ value: textOf(value), main: Number(modRevision), create: Number(createRevision) },
    ...{ version: Number(version), lease, sub: 0, isDelete: false },
  });

export function stateText(
  revision: number,
  compactRevision: number,
  leases: readonly bigint[],
  keys: readonly string[],
): string {
  const ids = [...leases].map(Number).sort((a, b) => a - b);
  return [`revision ${revision}, compacted ${compactRevision}, leases ${ids.join()}`, ...keys].join("\n");
}

export const bytesOf = (text: string): Uint8Array => Buffer.from(text, "latin1");
export const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");
