// Numbers beyond 32 bits: revisions after a restore with --bump-revision, and places in a db file of more than 4 GiB.
import { none, Records, type RecordColumns, type Sources } from "../../../src/server/mvcc/records";
import { toEnd } from "../../../src/storage/steps";

const sources: Sources = {
  source: () => {
    throw new Error("no bytes here");
  },
  decode: () => {
    throw new Error("no bytes here");
  },
  copy: () => sources,
};

const small: RecordColumns = {
  main: 7,
  sub: 1,
  tombstone: false,
  leased: true,
  createRevision: 5,
  version: 3,
  previous: none,
  source: 2,
  offset: 4000,
  sizeBytes: 50,
};
const limit = 2 ** 32;
const beyond: RecordColumns[] = [
  { ...small, offset: limit },
  { ...small, version: limit + 1 },
  { ...small, createRevision: limit + 2 },
  { ...small, main: 2 ** 53 - 1 },
];

const columns = (records: Records, id: number): RecordColumns => ({
  main: records.main(id),
  sub: records.sub(id),
  tombstone: records.isTombstone(id),
  leased: records.isLeased(id),
  createRevision: records.createRevision(id),
  version: records.version(id),
  previous: records.previous(id),
  source: records.source(id),
  offset: records.offset(id),
  sizeBytes: records.sizeBytes(id),
});
const all = (records: Records) => Array.from({ length: records.length }, (_, id) => columns(records, id));

test.each(beyond)("a record with a number beyond 32 bits keeps it, and so do its neighbours: %j", (large) => {
  const largest = {
    ...small,
    main: limit - 1,
    createRevision: limit - 1,
    version: limit - 1,
    offset: limit - 1,
  };
  const records = new Records(sources);
  records.append(largest);
  const copy = records.copy();
  records.append(large);
  records.append(small);
  expect(all(records)).toEqual([largest, large, small]);
  expect(all(copy)).toEqual([largest]);
});

test("numbers beyond 32 bits survive a compaction", () => {
  const records = new Records(sources);
  for (const record of [small, ...beyond, small]) records.append(record);
  toEnd(
    records.compact(Uint8Array.of(0, 1, 1, 1, 1, 1), (id) => ({
      source: 2,
      offset: columns(records, id).offset,
    })),
  );
  expect(all(records)).toEqual([...beyond, small]);
});
