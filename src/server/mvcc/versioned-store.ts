// The multi-version store: each write makes a new revision, and old ones can be read until they are compacted. It joins the
// records, the key index and the arena. Watchers are a layer above (store.ts).
// Must stay true: records rise in (main, sub); an unfinished write is not visible, as its revision is one ahead.
// Go: server/storage/mvcc/kvstore.go and kvstore_compaction.go
import type { KeyValue } from "../../proto/gen/mvccpb";
import { performance } from "node:perf_hooks";
import { nextKey } from "../../etcd/keys";
import { emptyBytes } from "../../proto/wire";
import type { DatabaseContents } from "../../storage/contents";
import { stepUnits, toEnd, type Steps } from "../../storage/steps";
import { ServerMetrics } from "../metrics/server-metrics";
import { Arena } from "./arena";
import { FileSize } from "./file-size";
import { CompactionHashes, hashRecords } from "./hash";
import type { KeyChunk } from "./key-chunk";
import { KeyIndex } from "./key-index";
import type { FindResult, KvHash, LeaseBook, RangeOptions, RangeResult, ReadView } from "./kv";
import { CompactedError, FutureRevisionError } from "./kv";
import { fieldBytes, writeKeyHead } from "./record-head";
import { RecordList } from "./record-list";
import { none, Records, type Place } from "./records";
import { restoreRecords } from "./restore";
import { StoreWrite } from "./store-write";

export interface VersionedStoreOptions {
  /** Contents of a db file. Absent: an empty store. */
  readonly contents?:
    | Pick<
        DatabaseContents,
        "records" | "recordHeads" | "newestRevision" | "finishedCompactRevision" | "scheduledCompactRevision"
      >
    | undefined;
  /** Learns the lease of each key. Leases in the db file that it does not know are ignored. */
  readonly leases: LeaseBook;
  readonly metrics?: ServerMetrics | undefined;
}

/** What has a revision: the store, or a write of it. */
type Revised = Pick<ReadView, "revision">;

/** Keys of a range that are found in the time of one unit of work. */
const keysPerUnit = 32;

/** The most bytes of an encoded KeyValue besides key and value, and what a writer wants to have left. */
const overheadBytes = 80;

/** A compaction rewrites the blocks of memory of which less than this share is in use. */
const minUsedShare = 0.5;

export class VersionedStore {
  revision = 1;
  compactRevision = -1;
  /** Lower than compactRevision while a compaction removes records; 0 if the store was never compacted. */
  finishedCompactRevision = 0;
  readonly storedRecords: Records;
  readonly index: KeyIndex;
  readonly leases: LeaseBook;
  readonly metrics: ServerMetrics;
  private readonly size = new FileSize();
  private readonly arena = new Arena();
  private readonly hashes = new CompactionHashes();
  private writing: StoreWrite | undefined;
  /** Keys that exist. */
  keyCount = 0;
  /** How often records were removed or moved. */
  private moves = 0;

  constructor(options: VersionedStoreOptions) {
    this.storedRecords = new Records(this.arena);
    this.index = new KeyIndex(this.storedRecords);
    this.leases = options.leases;
    this.metrics = options.metrics ?? new ServerMetrics();
    if (options.contents !== undefined) this.restore(options.contents);
  }

  private restore(contents: NonNullable<VersionedStoreOptions["contents"]>): void {
    const { finishedCompactRevision: finished, scheduledCompactRevision: scheduled } = contents;
    const records = contents.recordHeads ?? contents.records;
    const restored = restoreRecords(records, this.arena, this.storedRecords, this.index);
    if (finished > 0) this.compactRevision = this.finishedCompactRevision = finished;
    // Compaction may have removed the newest records, if they were tombstones.
    this.revision = Math.max(restored.revision, finished, scheduled, contents.newestRevision ?? 0);
    this.keyCount = restored.keyCount;
    for (let id = 0; id < this.storedRecords.length; id++) this.size.add(this.storedRecords.sizeBytes(id));
    for (const [key, lease] of restored.leases) {
      if (this.leases.has(lease)) this.leases.attach(lease, key);
    }
    // Finishes a compaction. Its checksum is unknown, as part of the records may be removed already.
    if (scheduled > finished) {
      this.compactRevision = scheduled;
      toEnd(this.remove(scheduled, toEnd(this.index.compact(scheduled)).marks));
    }
  }

  range(key: Uint8Array, end: Uint8Array | undefined, options: RangeOptions = {}): RangeResult {
    this.metrics.ranges++;
    return this.rangeAt(this, key, end, options);
  }

  find(key: Uint8Array, end: Uint8Array | undefined, options: RangeOptions = {}): Steps<FindResult> {
    this.metrics.ranges++;
    return this.findAt(this, key, end, options);
  }

  rangeAt(view: Revised, key: Uint8Array, end: Uint8Array | undefined, options: RangeOptions): RangeResult {
    const { records, count, revision } = toEnd(this.findAt(view, key, end, options));
    return { kvs: records.all(), count, revision };
  }

  /**
   * The revision of `view` is the newest one that the caller may read: in a write, the one that the write makes. The store may be
   * written between the steps: the result is of the revision at its beginning. After a compaction the walk begins again.
   */
  *findAt(
    view: Revised,
    key: Uint8Array,
    end: Uint8Array | undefined,
    options: RangeOptions,
  ): Steps<FindResult> {
    const { moves } = this;
    const current = view.revision;
    const requested = options.revision ?? 0;
    if (requested > current) throw new FutureRevisionError();
    const revision = requested > 0 ? requested : current;
    if (revision < this.compactRevision) throw new CompactedError();

    const limit = options.countOnly === true ? 0 : (options.limit ?? 0) > 0 ? (options.limit ?? 0) : Infinity;
    const mayStop = options.countUpToLimit === true && options.countOnly !== true;
    const { storedRecords } = this;
    const { filter } = options;
    const ids: number[] = [];
    let count = 0;
    const visit = (id: number) => {
      if (count >= limit && mayStop) return false;
      if (count < limit && (filter?.(storedRecords.createRevision(id), storedRecords.main(id)) ?? true)) {
        ids.push(id);
      }
      count++;
      return true;
    };
    const steps = this.index.walkInSteps(key, end, revision, visit, keysPerUnit);
    for (let isDone = false; !isDone;) {
      const step = steps.next();
      isDone = step.done === true;
      // After the last step, what its keys have cost: many ranges may arrive together.
      const units = step.done === true ? Math.floor((count / keysPerUnit) % stepUnits) : step.value;
      if (units === 0) continue;
      yield units;
      if (this.moves !== moves) return yield* this.findAt(view, key, end, options);
    }
    const records = new RecordList(storedRecords, ids, options.content);
    return { records, count, revision: current };
  }

  /**
   * Visits the newest record of each key of a range, in order of keys, until `visit` returns false. Returns how many it has
   * visited. No other write may begin between the steps. An id is valid only during its visit.
   */
  *visit(
    key: Uint8Array,
    end: Uint8Array | undefined,
    visit: (records: Records, id: number) => boolean,
  ): Steps<number> {
    this.metrics.ranges++;
    let count = 0;
    yield* this.index.walkInSteps(key, end, this.revision, (id) => {
      count++;
      return visit(this.storedRecords, id);
    });
    return count;
  }

  /** Decodes a record. Of a tombstone, only the key is set. */
  decode(id: number): KeyValue {
    return this.storedRecords.decode(id);
  }

  write(): StoreWrite {
    if (this.writing !== undefined) throw new Error("a write began before the last one ended");
    return (this.writing = new StoreWrite(this, () => this.endWrite(this.committedLength)));
  }

  /** How many records there are without those of a write that has not ended: that can take several turns. */
  get committedLength(): number {
    return this.storedRecords.length - (this.writing?.changes ?? 0);
  }

  /** `first` is the id of the write's first record, if it has one. */
  protected endWrite(first: number): void {
    this.writing = undefined;
    if (this.storedRecords.length > first) this.revision++;
  }

  /** Adds a record with a value to its key's chain. */
  append(main: number, sub: number, kv: KeyValue): void {
    if (kv.version === 1n) this.keyCount++;
    const sizeBytes = this.arena.write(kv, kv.key.length + kv.value.length + overheadBytes);
    this.storedRecords.append({
      main,
      sub,
      tombstone: false,
      leased: kv.lease !== 0n,
      createRevision: Number(kv.createRevision),
      version: Number(kv.version),
      previous: this.index.push(kv.key, this.storedRecords.length),
      source: this.arena.lastSource,
      offset: this.arena.lastOffset,
      sizeBytes,
    });
    this.size.add(sizeBytes);
  }

  /** Adds a tombstone to the chain of the key at this place of the index: a KeyValue with nothing but the key. */
  appendTombstone(main: number, sub: number, chunk: KeyChunk, place: number): void {
    const { arena, storedRecords } = this;
    this.keyCount--;
    const keySizeBytes = chunk.keySizeBytes(place);
    const sizeBytes = fieldBytes(keySizeBytes);
    const offset = arena.allocate(sizeBytes);
    writeKeyHead(arena.lastBlock, offset, keySizeBytes);
    chunk.copyKey(place, arena.lastBlock, offset + sizeBytes - keySizeBytes);
    const id = storedRecords.append({
      main,
      sub,
      tombstone: true,
      leased: false,
      createRevision: 0,
      version: 0,
      previous: chunk.head(place),
      source: arena.lastSource,
      offset,
      sizeBytes,
    });
    chunk.setHead(place, id);
    this.size.add(sizeBytes);
  }

  compact(revision: number): void {
    toEnd(this.compaction(revision));
  }

  /** No revision before this one can be read from now on. The steps remove the records. */
  protected compaction(revision: number): Steps<void> {
    if (this.writing !== undefined) throw new Error("compaction during a write");
    if (revision <= this.compactRevision) throw new CompactedError();
    if (revision > this.revision) throw new FutureRevisionError();
    const previous = this.compactRevision;
    this.compactRevision = revision;
    return this.compactionSteps(previous, revision);
  }

  private *compactionSteps(previous: number, revision: number): Steps<void> {
    const startedAt = performance.now();
    this.moves++;
    const keep = yield* this.index.compact(revision);
    this.metrics.indexCompactionMs.observe(performance.now() - startedAt);
    this.hashes.add(yield* hashRecords(this.storedRecords, previous, revision, keep));
    yield* this.remove(revision, keep.marks);
  }

  /** Removes all records that are not marked. Records that are appended meanwhile stay. */
  private *remove(revision: number, marks: Uint8Array): Steps<void> {
    for (let id = 0; id < marks.length; id++) {
      if (id % stepUnits === stepUnits - 1) yield stepUnits / 4;
      if (marks[id] === 1) continue;
      this.metrics.compactedKeys++;
      const sizeBytes = this.storedRecords.sizeBytes(id);
      this.arena.release(this.storedRecords.source(id), sizeBytes);
      this.size.remove(sizeBytes);
    }
    yield* this.rebuild(marks, minUsedShare);
    this.finishedCompactRevision = revision;
  }

  /** Makes new columns and copies bytes that move: an earlier copy (Records.stored) keeps the old ones. */
  private *rebuild(marks: Uint8Array, minShare: number): Steps<void> {
    const { arena, storedRecords } = this;
    const sparse = arena.sparse(minShare);
    const placeOf = (id: number): Place => {
      const source = storedRecords.source(id);
      if (!sparse.has(source)) return { source, offset: storedRecords.offset(id) };
      const offset = arena.append(storedRecords.bytes(id));
      return { source: arena.lastSource, offset };
    };
    const moved = yield* storedRecords.compact(marks, placeOf);
    this.moves++;
    arena.dropUnused(sparse);
    // Begins in this turn.
    yield* this.index.renumber(moved);
  }

  /** The positions of the records of this moment in the order of their keys: DatabaseContents.byKey. */
  byKey(): () => Steps<Int32Array | undefined> {
    const { moves } = this;
    const length = this.committedLength;
    return () => this.byKeySteps(length, moves);
  }

  private *byKeySteps(length: number, moves: number): Steps<Int32Array | undefined> {
    const ids = new Int32Array(length);
    let count = 0;
    let from: Uint8Array | undefined = emptyBytes;
    while (from !== undefined) {
      if (this.moves !== moves) return undefined;
      let left = stepUnits;
      const start: Uint8Array = from;
      from = undefined;
      this.index.walkHeads(start, (head, chunk, place) => {
        for (let id = head; id !== none; id = this.storedRecords.previous(id), left--)
          if (id < length) ids[count++] = id;
        if (left > 0) return true;
        from = nextKey(chunk.key(place));
        return false;
      });
      yield stepUnits - left;
    }
    return ids.subarray(0, count);
  }

  hash(revision: number): KvHash {
    return toEnd(this.hashSteps(revision));
  }

  protected *hashSteps(revision: number): Steps<KvHash> {
    const known = this.hashes.of(revision);
    if (known !== undefined) return known;
    if (revision > 0 && revision < this.compactRevision) throw new CompactedError();
    if (revision > this.revision) throw new FutureRevisionError();
    const upTo = revision === 0 ? this.revision : revision;
    // A compaction that begins meanwhile removes its records after this.
    const { compactRevision } = this;
    return yield* hashRecords(this.storedRecords, compactRevision, upTo, yield* this.index.keep(upTo));
  }

  defragment(): void {
    toEnd(this.defragmentation());
  }

  protected *defragmentation(): Steps<void> {
    yield* this.rebuild(new Uint8Array(this.storedRecords.length).fill(1), 1);
    this.size.shrink();
  }

  get sizeBytes(): number {
    return this.size.bytes;
  }

  get sizeInUseBytes(): number {
    return this.size.inUseBytes;
  }
}
