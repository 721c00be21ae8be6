import { BboltFile } from "../../../src/storage/bbolt/reader";
import { FormatError } from "../../../src/storage/errors";
import { fixtureBytes, testFolder } from "../fixture-files";

const folder = testFolder();
const original = fixtureBytes("bbolt-1k-pages");

function withFile<T>(bytes: Uint8Array, use: (db: BboltFile) => T): T {
  const db = BboltFile.open(folder.file("db", bytes));
  try {
    return use(db);
  } finally {
    db.close();
  }
}

function damaged(change: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.from(original);
  change(bytes);
  return bytes;
}

function readAll(db: BboltFile): Map<string, Map<string, string>> {
  const read = (offset: number, sizeBytes: number) => db.file.read(offset, sizeBytes).toString();
  return new Map(
    Array.from(db.buckets(), (bucket) => [
      bucket.name.toString(),
      new Map(
        Array.from(
          db.entries(bucket),
          (e) => [e.key.toString(), read(e.valueOffset, e.valueSizeBytes)] as const,
        ),
      ),
    ]),
  );
}

function errorOf(action: () => unknown): FormatError {
  try {
    action();
  } catch (error) {
    if (error instanceof FormatError) return error;
    throw error;
  }
  throw new Error("no error");
}

describe("a bbolt file that bbolt wrote", () => {
  test("the reader returns buckets and entries in order for every page size", () => {
    const buckets = withFile(original, readAll);
    expect([...buckets.keys()]).toEqual(["empty", "few", "many"]);
    expect([...(buckets.get("few") ?? [])]).toEqual(
      [0, 1, 2, 3, 4].map((i) => [`key-0000${i}`, `value-${i}`]),
    );
    const many = [...(buckets.get("many") ?? [])];
    const expected = Array.from({ length: 2000 }, (_, i) => i)
      .filter((i) => i < 1000 || i >= 1100)
      .map((i) => [`key-${String(i).padStart(5, "0")}`, i % 200 === 7 ? "long".repeat(1000) : `value-${i}`]);
    expect(many).toEqual(expected);
  });

  test("the reader uses the other meta when one is torn", () => {
    const whole = withFile(original, (db) => db.meta);
    const newerPage = whole.txid % 2;
    const torn = damaged((bytes) => bytes.fill(0x5a, newerPage * 1024 + 40, newerPage * 1024 + 60));
    expect(withFile(torn, (db) => db.meta).txid).toBe(whole.txid - 1);
  });

  test("the reader finds the second meta when the first page and the page size are lost", () => {
    const torn = damaged((bytes) => bytes.fill(0, 0, 1024));
    expect(withFile(torn, (db) => [db.meta.pageSize, db.meta.txid % 2])).toEqual([1024, 1]);
  });
});

describe("a damaged bbolt file", () => {
  test("the reader refuses a file with two torn metas", () => {
    const torn = damaged((bytes) => {
      bytes[30] = 1;
      bytes[1024 + 30] = 1;
    });
    const error = errorOf(() => withFile(torn, readAll));
    expect(error.problem).toBe("no bbolt database: meta page 0: checksum does not match");
    expect(error.file).toBe(`${folder.path}/db`);
  });

  test.each([
    ["empty", Buffer.alloc(0), "no bbolt database: it has only 0 bytes"],
    [
      "text",
      Buffer.from("not a database\n".repeat(100)),
      "no bbolt database: meta page 0: magic number 6120746F instead of ED0CDAED",
    ],
    ["cut", original.subarray(0, 100_000), "truncated: 100000 of 173056 bytes are there"],
  ])("the reader refuses other files: %s", (_, bytes, problem) => {
    expect(errorOf(() => withFile(bytes, readAll)).problem).toBe(problem);
  });

  test("the reader reports a file from a big-endian machine", () => {
    const foreign = damaged(
      (bytes) => bytes.subarray(16, 20).reverse() && bytes.subarray(1040, 1044).reverse(),
    );
    expect(errorOf(() => withFile(foreign, readAll)).problem).toContain("big-endian machine");
  });

  test.each<[string, (bytes: Buffer, leaf: number) => void, RegExp]>([
    [
      "a page with another's number",
      (bytes, leaf) => bytes.writeUInt8(3, leaf),
      /^page \d+: calls itself page \d+$/,
    ],
    [
      "a page of no known kind",
      (bytes, leaf) => bytes.writeUInt16LE(9, leaf + 8),
      /^page \d+: flags 9 are those of/,
    ],
    [
      "more elements than fit",
      (bytes, leaf) => bytes.writeUInt16LE(65, leaf + 10),
      /65 elements do not fit into its 1024/,
    ],
    [
      "overflow beyond the end",
      (bytes, leaf) => bytes.writeUInt32LE(2 ** 31, leaf + 12),
      /overflow pages leave the file$/,
    ],
    [
      "a key beyond its page",
      (bytes, leaf) => bytes.writeUInt32LE(2 ** 32 - 1, leaf + 20),
      /^page \d+: element 0 .* does not fit/,
    ],
    [
      "an empty key",
      (bytes, leaf) => bytes.writeUInt32LE(0, leaf + 24),
      /^page \d+: element 0 \(key 0 bytes/,
    ],
    [
      "a value beyond its page",
      (bytes, leaf) => bytes.writeUInt32LE(5000, leaf + 28),
      /element 0 .* value 5000 bytes/,
    ],
    [
      "keys out of order",
      (bytes, leaf) => bytes.writeUInt8(0xff, leaf + 16 + bytes.readUInt32LE(leaf + 20)),
      /not above the one before/,
    ],
  ])("the reader reports the place of the damage: %s", (_, damage, problem) => {
    const [pageId = 0] = withFile(original, leafPages);
    const error = errorOf(() =>
      withFile(
        damaged((bytes) => damage(bytes, pageId * 1024)),
        readAll,
      ),
    );
    expect(error.problem).toMatch(problem);
    expect(Math.floor((error.offset ?? 0) / 1024)).toBe(pageId);
    expect(error.message).toBe(`${folder.path}/db: ${error.problem} (at byte ${error.offset})`);
  });

  test.each([
    ["to itself", (branch: number) => branch],
    ["to a page that is used elsewhere", (_: number, leaves: readonly number[]) => leaves[5] ?? 0],
  ])("the reader throws when a branch points %s", (_, target) => {
    const { branch, leaves } = withFile(original, (db) => ({
      branch: rootOfMany(db),
      leaves: leafPages(db),
    }));
    const looped = damaged((bytes) => bytes.writeUInt32LE(target(branch, leaves), branch * 1024 + 40));
    expect(errorOf(() => withFile(looped, readAll)).problem).toMatch(
      /^page \d+: (used twice|key \d+ is not above)/,
    );
  });
});

function rootOfMany(db: BboltFile): number {
  const many = [...db.buckets()].find(({ name }) => name.toString() === "many");
  if (many === undefined || !("pageId" in many.root)) throw new Error("fixture without bucket many");
  return many.root.pageId;
}

/** The leaf pages below the first branch of the bucket `many`. */
function leafPages(db: BboltFile): number[] {
  let page = db.pages.page(rootOfMany(db));
  let child = db.pages.page(db.pages.child(page, 0));
  while (child.kind === "branch") {
    page = child;
    child = db.pages.page(db.pages.child(page, 0));
  }
  return Array.from({ length: page.count }, (_, index) => db.pages.child(page, index));
}
