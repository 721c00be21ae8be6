// Small valid db files for targets, and corrections of their checksums.
import { Lease } from "../../../src/proto/gen/leasepb";
import { KeyValue } from "../../../src/proto/gen/mvccpb";
import { encode } from "../../../src/proto/message";
import { fnv64a, metaEnd } from "../../../src/storage/bbolt/layout";
import type { LeafEntry } from "../../../src/storage/bbolt/tree-builder";
import { bboltImage } from "../../../src/storage/bbolt/writer";
import { encodeLease, encodeMember, encodeRevision } from "../../../src/storage/schema";
import type { Mutator } from "../mutate";

const PAGE_SIZE = 1024;
const urls = ["http://127.0.0.1:2380"];
const member = { id: 0x8e9en, name: "m0", peerURLs: urls, clientURLs: urls, isLearner: false };

/** A db file with etcd's buckets and `keyCount` keys: one leaf page, or a tree of two levels. */
export function smallDatabase(keyCount: number): Buffer {
  const keys = Array.from({ length: keyCount }, (_, at) => record(at + 2));
  const buckets = {
    alarm: [],
    key: keys,
    lease: [entry(encodeLease(Lease.create({ ID: 0x1234n, TTL: 60n })))],
    members: [entry(encodeMember(member))],
    meta: [
      entry({ key: Buffer.from("consistent_index"), value: Buffer.alloc(8, 1) }),
      entry({ key: Buffer.from("finishedCompactRev"), value: encodeRevision(2) }),
      entry({ key: Buffer.from("term"), value: Buffer.alloc(8, 2) }),
    ],
  };
  const sources = Object.entries(buckets).map(([name, entries]) => {
    return { name: Buffer.from(name), entries: () => entries };
  });
  return Buffer.concat([...bboltImage(sources, PAGE_SIZE).chunks]);
}

function record(main: number): LeafEntry {
  const revision = BigInt(main);
  const key = Buffer.from(`/registry/pods/${main % 7}`);
  const kv = KeyValue.create({
    key,
    value: Buffer.alloc(40, main),
    createRevision: 2n,
    modRevision: revision,
    version: 1n,
  });
  return entry({ key: encodeRevision(main), value: encode(KeyValue, kv) });
}

function entry({ key, value }: { key: Uint8Array; value: Uint8Array }): LeafEntry {
  return { key, valueSizeBytes: value.length, value: () => value };
}

/** Corrects the checksums of both meta pages. */
export function fixMetaChecksums(file: Buffer): void {
  const pageSize = file.length >= metaEnd ? file.readUInt32LE(24) : 0;
  for (const start of new Set([0, pageSize])) {
    if (start + metaEnd > file.length) continue;
    file.writeBigUInt64LE(fnv64a(file.subarray(start + 16, start + 72)), start + 72);
  }
}

/** Changes headers and elements of pages, and copies pages over others. */
export const pageDamage: readonly Mutator[] = [
  (file, random) => {
    // An empty file counts as one page.
    const start = random(Math.ceil(file.length / PAGE_SIZE) || 1) * PAGE_SIZE + random(20) * 4;
    if (start + 4 > file.length) return file;
    const values = [0, 1, 2, 3, 16, 0xff, 0xffff, 0x10000, 0x7fffffff, 0xffffffff, random(1100)];
    file.writeUInt32LE(values[random(values.length)] ?? 0, start);
    return file;
  },
  (file, random) => {
    const pages = Math.ceil(file.length / PAGE_SIZE);
    if (pages === 0) return file;
    const [from, to] = [random(pages), random(pages)];
    file.copy(file, to * PAGE_SIZE, from * PAGE_SIZE, (from + 1) * PAGE_SIZE);
    if (random(2) === 0 && to * PAGE_SIZE + 8 <= file.length) file.writeUInt32LE(to, to * PAGE_SIZE);
    return file;
  },
];
