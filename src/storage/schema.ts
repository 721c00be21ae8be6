// The buckets of an etcd db file: their names, their keys, and their entries as values in both directions. Decoders throw
// plain errors; the caller adds the place in the file. Go: server/storage/schema, server/storage/mvcc/revision.go
//
//   bucket   key → value
//   key      revision (see writeRevisionKey) → mvccpb.KeyValue
//   lease    lease ID, 8 bytes big endian → leasepb.Lease
//   members  member ID in hex digits → JSON {"id":…,"peerURLs":[…],"isLearner":true,"name":…,"clientURLs":[…]}
//   meta     consistent_index, term → 8 bytes big endian; scheduledCompactRev, finishedCompactRev → a revision's 17 bytes;
//            storageVersion → 3.7.0; confState → JSON; etcdctl → see data-dir.ts
//   cluster  clusterVersion → 3.5.0; downgrade → JSON
import { osErrorReason } from "../go/os";
import { jsonString } from "../go/quote";
import { Lease } from "../proto/gen/leasepb";
import { decode, encode } from "../proto/message";
import type { BboltFile, Entry } from "./bbolt/reader";
import type { StoredMember } from "./contents";
import { FormatError } from "./errors";

export const bucketName = {
  alarm: "alarm",
  auth: "auth",
  authRoles: "authRoles",
  authUsers: "authUsers",
  cluster: "cluster",
  key: "key",
  lease: "lease",
  members: "members",
  membersRemoved: "members_removed",
  meta: "meta",
} as const;

export const metaKey = {
  consistentIndex: "consistent_index",
  term: "term",
  scheduledCompact: "scheduledCompactRev",
  finishedCompact: "finishedCompactRev",
  confState: "confState",
  /** The version whose etcd can read the file. Absent before etcd 3.6. */
  storageVersion: "storageVersion",
  /** etcdctl's data dirs only; see data-dir.ts. */
  dataDirMarker: "etcdctl",
} as const;

export const clusterKey = { clusterVersion: "clusterVersion", downgrade: "downgrade" } as const;

export const authKey = { enabled: "authEnabled", revision: "authRevision" } as const;

interface BucketEntry {
  readonly key: Buffer;
  readonly value: Buffer;
}

interface RecordKey {
  readonly main: number;
  readonly sub: number;
  readonly tombstone: boolean;
}

export const revisionKeyBytes = 17;
/** After these bytes, in a tombstone. A record of a key begins with another byte. */
export const tombstoneMark = 0x74;

/**
 * Writes a key of the bucket `key` and returns its size. The hashes of the server are computed over these bytes.
 *
 *   bytes 0-7   main revision, big endian
 *   byte  8     '_'
 *   bytes 9-16  sub revision, big endian
 *   byte  17    't', only for a tombstone
 */
export function writeRevisionKey(into: Buffer, main: number, sub: number, tombstone: boolean): number {
  writeUint64(into, main, 0);
  into[8] = 0x5f;
  writeUint64(into, sub, 9);
  if (!tombstone) return revisionKeyBytes;
  into[revisionKeyBytes] = tombstoneMark;
  return revisionKeyBytes + 1;
}

function writeUint64(into: Buffer, value: number, offset: number): void {
  into.writeUInt32BE(Math.floor(value / 2 ** 32), offset);
  into.writeUInt32BE(value % 2 ** 32, offset + 4);
}

export function encodeRecordKey({ main, sub, tombstone }: RecordKey): Buffer {
  const key = Buffer.allocUnsafe(revisionKeyBytes + 1);
  return key.subarray(0, writeRevisionKey(key, main, sub, tombstone));
}

export function decodeRecordKey(bytes: Buffer, start = 0, end = bytes.length): RecordKey {
  const sizeBytes = end - start;
  const tombstone = sizeBytes === revisionKeyBytes + 1;
  const isWellFormed = tombstone
    ? bytes[start + revisionKeyBytes] === tombstoneMark
    : sizeBytes === revisionKeyBytes;
  if (!isWellFormed || bytes[start + 8] !== 0x5f) throw new Error("not a revision");
  return { main: revisionPart(bytes, start), sub: revisionPart(bytes, start + 9), tombstone };
}

/** Main and sub revision are at 0 and 9 of the key. */
export function revisionPart(key: Buffer, offset: number): number {
  const high = key.readUInt32BE(offset);
  if (high >= 0x200000) throw new Error(`revision ${key.readBigUInt64BE(offset)} is beyond 2^53`);
  return high * 0x100000000 + key.readUInt32BE(offset + 4);
}

export function encodeRevision(main: number): Buffer {
  return encodeRecordKey({ main, sub: 0, tombstone: false });
}

export function decodeRevision(value: Buffer): number {
  return decodeRecordKey(value).main;
}

export function encodeUint64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}

export function encodeLease(lease: Lease): BucketEntry {
  return { key: encodeUint64(BigInt.asUintN(64, lease.ID)), value: Buffer.from(encode(Lease, lease)) };
}

export function decodeLease({ key, value }: BucketEntry): Lease {
  const lease = decode(Lease, value);
  if (key.length !== 8 || key.readBigInt64BE() !== lease.ID)
    throw new Error(`holds lease ${lease.ID.toString(16)}`);
  return lease;
}

export function encodeMember({ id, name, peerURLs, clientURLs, isLearner }: StoredMember): BucketEntry {
  const list = (urls: readonly string[]) => `[${urls.map(jsonString).join(",")}]`;
  const learner = isLearner ? ',"isLearner":true' : "";
  const named = name === "" ? "" : `,"name":${jsonString(name)}`;
  const clients = clientURLs.length === 0 ? "" : `,"clientURLs":${list(clientURLs)}`;
  return {
    key: Buffer.from(id.toString(16)),
    value: Buffer.from(`{"id":${id},"peerURLs":${list(peerURLs)}${learner}${named}${clients}}`),
  };
}

/** Takes the ID from the key, since JSON.parse rounds the number in the value. */
export function decodeMember({ key, value }: BucketEntry): StoredMember {
  const id = key.toString("latin1");
  if (!/^[0-9a-f]{1,16}$/.test(id)) throw new Error("not a member ID");
  const json: unknown = JSON.parse(value.toString());
  if (typeof json !== "object" || json === null) throw new Error("not a JSON object");
  const member = json as Record<string, unknown>;
  return {
    id: BigInt(`0x${id}`),
    name: typeof member.name === "string" ? member.name : "",
    peerURLs: stringList(member.peerURLs),
    clientURLs: stringList(member.clientURLs),
    isLearner: member.isLearner === true,
  };
}

function stringList(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

/** One value of the bucket `meta`, without a read of the other buckets. */
export function readMeta(db: BboltFile, name: string): Buffer | undefined {
  for (const bucket of db.buckets()) {
    if (bucket.name.toString() !== bucketName.meta) continue;
    for (const { key, valueOffset, valueSizeBytes } of db.entries(bucket)) {
      if (key.toString() === name) return db.file.read(valueOffset, valueSizeBytes);
    }
  }
  return undefined;
}

/** Go: server/storage/schema/version.go */
export function readStorageVersion(db: BboltFile): string | undefined {
  return readMeta(db, metaKey.storageVersion)?.toString();
}

/** Decodes an entry. An error of `decode` becomes a FormatError with the entry's place in the file. */
export function decodeEntry<T>(
  db: BboltFile,
  bucket: string,
  { key, valueOffset }: Pick<Entry, "key" | "valueOffset">,
  decode: () => T,
): T {
  try {
    return decode();
  } catch (cause) {
    const problem = `bucket ${bucket}, key ${key.toString("hex")}: ${osErrorReason(cause)}`;
    throw new FormatError(db.file.path, valueOffset, problem, { cause });
  }
}
