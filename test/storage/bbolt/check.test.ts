import { truncateSync } from "node:fs";
import { checkBbolt } from "../../../src/storage/bbolt/check";
import { encodeMeta } from "../../../src/storage/bbolt/layout";
import { readFreelist } from "../../../src/storage/bbolt/page-reader";
import { BboltFile } from "../../../src/storage/bbolt/reader";
import { encodeHeader } from "../../../src/storage/bbolt/writer";
import { fixtureBytes, testFolder } from "../fixture-files";

const folder = testFolder();
const original = fixtureBytes("bbolt-1k-pages");

/** A file of `sizeBytes` that starts with `bytes`. The rest uses no disk space. */
function open(bytes: Uint8Array, sizeBytes = bytes.length): BboltFile {
  const file = folder.file("db", bytes);
  truncateSync(file, sizeBytes);
  return BboltFile.open(file);
}

function problems(bytes: Uint8Array, sizeBytes?: number): string[] {
  const db = open(bytes, sizeBytes);
  try {
    return Array.from(checkBbolt(db), ({ problem }) => problem);
  } finally {
    db.close();
  }
}

function freePages(bytes: Uint8Array, sizeBytes?: number): number[] {
  const db = open(bytes, sizeBytes);
  try {
    return [...(readFreelist(db.file, db.meta)?.ids() ?? [])];
  } finally {
    db.close();
  }
}

function freelistOffset(): number {
  const db = open(original);
  db.close();
  return (db.meta.freelistPage ?? 0) * 1024;
}

describe("checkBbolt", () => {
  test.each(["bbolt-1k-pages", "etcd-3.4.snapshot", "etcd-3.5.snapshot", "etcd-3.7.snapshot"] as const)(
    "checkBbolt finds no problem in a file of bbolt: %s",
    (name) => expect(problems(fixtureBytes(name))).toEqual([]),
  );

  test("checkBbolt accepts the free pages of the freelist", () => {
    expect(freePages(original)).toHaveLength(47);
    expect(freePages(fixtureBytes("etcd-3.5.snapshot"))).toEqual([]);
  });

  test("checkBbolt finds a page that is neither used nor free", () => {
    const bytes = Buffer.from(original);
    const [lost] = freePages(original).slice(-1);
    bytes.writeUInt16LE(46, freelistOffset() + 10);
    expect(problems(bytes)).toEqual([`page ${lost}: neither used nor free`]);
  });

  test("checkBbolt finds a page that is freed twice, and a free page outside of the file", () => {
    const bytes = Buffer.from(original);
    const [first = 0, second, third] = freePages(original);
    bytes.writeUInt32LE(first, freelistOffset() + 24);
    bytes.writeUInt32LE(99999, freelistOffset() + 32);
    expect(problems(bytes)).toEqual([
      `page ${first}: freed twice`,
      "free page 99999 is no page",
      `page ${second}: neither used nor free`,
      `page ${third}: neither used nor free`,
    ]);
  });

  test("checkBbolt continues after a damaged page and finds the next one", () => {
    const bytes = Buffer.from(original);
    const isLeaf = (pageId: number) => bytes.readUInt16LE(pageId * 1024 + 8) === 2;
    const used = Array.from({ length: 160 }, (_, id) => id).filter(
      (id) => isLeaf(id) && bytes.readUInt32LE(id * 1024) === id && !freePages(original).includes(id),
    );
    const [one = 0, two = 0] = used.slice(3);
    bytes.writeUInt16LE(0xff, one * 1024 + 8);
    bytes.writeUInt32LE(0, two * 1024 + 24);
    const found = problems(bytes);
    expect(found).toContainEqual(expect.stringMatching(new RegExp(`^page ${one}: flags 255`)));
    expect(found).toContainEqual(expect.stringMatching(new RegExp(`^page ${two}: element 0 `)));
    expect(found).toContain(`page ${one}: neither used nor free`);
  });

  test("checkBbolt reads a freelist whose count does not fit into the page header", () => {
    const count = 70_000;
    const listPages = Math.ceil((16 + 8 + 8 * count) / 1024);
    const pageCount = 3 + listPages + count;
    const bytes = Buffer.alloc((3 + listPages) * 1024);
    const sizeBytes = pageCount * 1024;
    const meta = { pageSize: 1024, rootPage: 2, freelistPage: 3, pageCount };
    encodeMeta(0, { ...meta, txid: 2 }).copy(bytes, 0);
    encodeMeta(1, { ...meta, txid: 1 }).copy(bytes, 1024);
    encodeHeader(bytes, 2048, { id: 2, flag: 2, count: 0, overflow: 0 });
    encodeHeader(bytes, 3072, { id: 3, flag: 16, count: 0xffff, overflow: listPages - 1 });
    bytes.writeUInt32LE(count, 3088);
    for (let i = 0; i < count; i++) bytes.writeUInt32LE(3 + listPages + i, 3096 + 8 * i);
    expect(problems(bytes, sizeBytes)).toEqual([]);
    expect(freePages(bytes, sizeBytes).length).toBe(count);
    bytes.writeUInt32LE(2 ** 31, 3088);
    expect(problems(bytes, sizeBytes)[0]).toBe(`freelist page 3: ${2 ** 31} page ids do not fit into it`);
  });
});
