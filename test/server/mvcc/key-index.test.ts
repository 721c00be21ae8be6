import { Arena } from "../../../src/server/mvcc/arena";
import { KeyIndex } from "../../../src/server/mvcc/key-index";
import { none, Records } from "../../../src/server/mvcc/records";
import { toEnd } from "../../../src/storage/steps";

/** The example of etcd's key_index_test.go: four generations, the last one alive. `t` marks a tombstone. */
const history = "2.0 4.0 6.0t 8.0 10.0 12.0t 14.0 14.1 16.0t 18.0".split(" ");

const foo = Buffer.from("foo");

/** The new ids. The bytes stay where they are. */
const compactedIds = (records: Records, marks: Uint8Array) =>
  toEnd(records.compact(marks, () => ({ source: 0, offset: 0 })));

function indexOf(revisions: readonly string[]) {
  const records = new Records(new Arena());
  const index = new KeyIndex(records);
  for (const revision of revisions) {
    const [main, sub] = revision.replace("t", "").split(".").map(Number);
    records.append({
      ...{ main: main ?? 0, sub: sub ?? 0, tombstone: revision.endsWith("t"), leased: false },
      ...{ createRevision: 0, version: 0, source: 0, offset: 0, sizeBytes: 0 },
      previous: index.push(foo, records.length),
    });
  }
  const name = (id: number) =>
    id === none ? "none" : `${records.main(id)}.${records.sub(id)}${records.isTombstone(id) ? "t" : ""}`;
  const marked = (marks: Uint8Array) => [...marks.keys()].filter((id) => marks[id] === 1).map(name);
  return { index, records, name, marked };
}

describe("the key index", () => {
  test.each([
    [1, "none"],
    [2, "2.0"],
    [3, "2.0"],
    [5, "4.0"],
    [6, "none"],
    [7, "none"],
    [8, "8.0"],
    [11, "10.0"],
    [12, "none"],
    [13, "none"],
    [14, "14.1"],
    [15, "14.1"],
    [16, "none"],
    [17, "none"],
    [18, "18.0"],
    [99, "18.0"],
  ])("shows at revision %d the record %s", (revision, wanted) => {
    const { index, name } = indexOf(history);
    expect(name(index.get(foo, revision))).toBe(wanted);
  });

  test("Unknown keys have no record.", () => {
    const { index } = indexOf(history);
    expect(index.get(Buffer.from("fo"), 99)).toBe(none);
  });

  test.each([
    [1, history.join(" "), ""],
    [2, history.join(" "), "2.0"],
    [3, history.join(" "), "2.0"],
    [4, "4.0 6.0t 8.0 10.0 12.0t 14.0 14.1 16.0t 18.0", "4.0"],
    [6, "6.0t 8.0 10.0 12.0t 14.0 14.1 16.0t 18.0", ""],
    [7, "8.0 10.0 12.0t 14.0 14.1 16.0t 18.0", ""],
    [8, "8.0 10.0 12.0t 14.0 14.1 16.0t 18.0", "8.0"],
    [11, "10.0 12.0t 14.0 14.1 16.0t 18.0", "10.0"],
    [12, "12.0t 14.0 14.1 16.0t 18.0", ""],
    [14, "14.1 16.0t 18.0", "14.1"],
    [16, "16.0t 18.0", ""],
    [17, "18.0", ""],
    [18, "18.0", "18.0"],
    [99, "18.0", "18.0"],
  ])("compacted at %d keeps %s; what lives there is %s", (revision, kept, living) => {
    const { index, marked } = indexOf(history);
    expect(marked(toEnd(index.keep(revision)).marks).join(" ")).toBe(living);
    expect(marked(toEnd(index.compact(revision)).marks).join(" ")).toBe(kept);
  });

  test("Several compactions have the same result as one.", () => {
    const { index, records, name } = indexOf(history);
    for (let revision = 1; revision <= 18; revision++) {
      const before = name(index.get(foo, revision));
      toEnd(index.renumber(compactedIds(records, toEnd(index.compact(revision)).marks)));
      expect(name(index.get(foo, revision))).toBe(before);
    }
    expect(records.length).toBe(1);
  });

  test("A key with only a tombstone is removed.", () => {
    const { index, records } = indexOf(["2.0", "3.0t"]);
    toEnd(index.renumber(compactedIds(records, toEnd(index.compact(3)).marks)));
    expect(records.length).toBe(1);
    toEnd(index.renumber(compactedIds(records, toEnd(index.compact(4)).marks)));
    expect(records.length).toBe(0);
    expect(index.push(foo, 0)).toBe(none);
  });
});
