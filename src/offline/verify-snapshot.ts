// The deep check of a backup: the hash, every page, every bucket, every record. It continues after a damage, so that the user
// sees all of them, each with its place. Memory is flat but for the keys.
//
// The order of records is a check as well: each revision after the last compaction has a record, and the records of one
// revision are numbered from 0. So a missing record leaves a gap.
import { statSync } from "node:fs";
import { KeyValue } from "../proto/gen/mvccpb";
import { Role, User } from "../proto/gen/authpb";
import type { MessageType } from "../proto/message";
import { decode } from "../proto/message";
import { checkInSteps } from "../storage/bbolt/check";
import type { Bucket, Entry } from "../storage/bbolt/reader";
import { BboltFile, metaProblem } from "../storage/bbolt/reader";
import { FormatError } from "../storage/errors";
import {
  bucketName,
  decodeEntry,
  decodeLease,
  decodeMember,
  decodeRecordKey,
  decodeRevision,
  metaKey,
  readMeta,
} from "../storage/schema";
import { hasHash, HashCheck, HashMismatch } from "../storage/snapshot-file";
import type { FilePath } from "./database-file";
import { DistinctKeyCounter } from "./distinct-key-counter";
import { Turns } from "./turns";

export interface Damage {
  /** `hash`, `meta page 0`, `bucket key`, or empty for the file as a whole. */
  readonly where: string;
  readonly what: string;
  /** Byte in the file. */
  readonly offset?: number | undefined;
}

export interface Verification {
  readonly damages: readonly Damage[];
  /** How many more there are. A ruined file may have millions. */
  readonly moreDamages: number;
  /** A db file that was copied from a data dir has none. */
  readonly hash: "right" | "wrong" | "none";
  readonly keys: number;
  readonly records: number;
  readonly revision: number;
  readonly leases: number;
  readonly sizeBytes: number;
  /** Empty before etcd 3.6. */
  readonly version: string;
}

const maxDamages = 100;
/** A record is a step. */
const stepsPerTurn = 20_000;
const stepsOfPage = 20;

/** Throws CliError only for a file that cannot be read. */
export async function verifySnapshot(file: FilePath, signal: AbortSignal): Promise<Verification> {
  return new Check(file, signal).run();
}

class Check {
  private readonly damages: Damage[] = [];
  private moreDamages = 0;
  private readonly turns: Turns;
  private readonly keys = new DistinctKeyCounter();
  private records = 0;
  private revision = 0;
  private leases = 0;
  private version = "";

  constructor(
    private readonly file: FilePath,
    private readonly signal: AbortSignal,
  ) {
    this.turns = new Turns(signal, stepsPerTurn);
  }

  async run(): Promise<Verification> {
    const check = new HashCheck(this.file.path, { signal: this.signal, name: this.file.displayPath });
    let db: BboltFile | undefined;
    try {
      db = this.open();
      if (db !== undefined) {
        this.metas(db);
        await this.pages(db);
        await this.buckets(db);
      }
    } catch (error) {
      await check.stop();
      throw error;
    } finally {
      db?.close();
    }
    const hash = await this.hash(check);
    const { damages, moreDamages, records, revision, leases, version } = this;
    const sizeBytes = statSync(this.file.path).size;
    return {
      damages,
      moreDamages,
      hash,
      keys: this.keys.size,
      records,
      revision,
      leases,
      sizeBytes,
      version,
    };
  }

  private add(where: string, what: string, offset?: number): void {
    if (this.damages.length < maxDamages) this.damages.push({ where, what, offset });
    else this.moreDamages++;
  }

  private addFirst(where: string, what: string, offset?: number): void {
    this.damages.unshift({ where, what, offset });
    if (this.damages.length <= maxDamages) return;
    this.damages.pop();
    this.moreDamages++;
  }

  private async hash(check: HashCheck): Promise<Verification["hash"]> {
    try {
      const { hashed } = await check.checked;
      return hashed ? "right" : "none";
    } catch (error) {
      if (error instanceof HashMismatch) {
        const [computed, expected] = [error.computed.toString("hex"), error.expected.toString("hex")];
        this.addFirst(
          "hash",
          `the SHA-256 of the database is ${computed}, but the file ends in ${expected}`,
          error.offset,
        );
        return "wrong";
      }
      if (!(error instanceof FormatError)) throw error;
      this.addFirst("file", error.problem, error.offset);
      return hasHash(statSync(this.file.path).size) ? "wrong" : "none";
    }
  }

  private open(): BboltFile | undefined {
    try {
      return BboltFile.open(this.file.path, this.file.displayPath);
    } catch (error) {
      this.addError("file", error);
      return undefined;
    }
  }

  private addError(where: string, error: unknown): void {
    if (!(error instanceof FormatError)) throw error;
    this.add(where, error.problem, error.offset);
  }

  private metas(db: BboltFile): void {
    for (const page of [0, 1] as const) {
      const problem = metaProblem(db, page);
      if (problem !== undefined) this.add(`meta page ${page}`, problem, page * db.meta.pageSize + 16);
    }
  }

  private async pages(db: BboltFile): Promise<void> {
    for (const damage of checkInSteps(db)) {
      if (damage !== undefined) {
        const { problem, offset, bucket } = damage;
        this.add(bucket === undefined ? "pages" : `bucket ${bucket}`, problem, offset);
      }
      if (this.turns.isOver(stepsOfPage)) await this.turns.next();
    }
  }

  private async buckets(db: BboltFile): Promise<void> {
    const found = new Set<string>();
    // The check of the pages has reported what ends a walk.
    const walk = async (action: () => Promise<void>) => {
      try {
        await action();
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        if (!this.damages.some(({ what }) => what === error.problem)) this.addError("pages", error);
      }
    };
    await walk(async () => {
      for (const bucket of db.buckets()) {
        const name = bucket.name.toString("latin1");
        found.add(name);
        await walk(() =>
          name === bucketName.key ? this.keyBucket(db, bucket) : this.bucket(db, bucket, name),
        );
      }
    });
    for (const name of [bucketName.key, bucketName.meta]) {
      if (!found.has(name)) this.add(`bucket ${name}`, "it is missing");
    }
  }

  private async bucket(db: BboltFile, bucket: Bucket, name: string): Promise<void> {
    const check = Object.hasOwn(entryChecks, name) ? entryChecks[name] : undefined;
    for (const entry of db.entries(bucket)) {
      if (name === bucketName.lease) this.leases++;
      const value = db.file.read(entry.valueOffset, entry.valueSizeBytes);
      if (name === bucketName.meta && entry.key.toString() === metaKey.storageVersion)
        this.version = value.toString();
      this.entry(db, name, entry, () => check?.({ key: entry.key, value }));
      if (this.turns.isOver()) await this.turns.next();
    }
  }

  /** Runs a check of one entry. Its error becomes a damage with the entry's place. */
  private entry(db: BboltFile, bucket: string, entry: Entry, check: () => void): boolean {
    try {
      decodeEntry(db, bucket, entry, check);
      return true;
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      const what = error.problem.replace(`bucket ${bucket}, `, "");
      this.add(`bucket ${bucket}`, what, entry.valueOffset);
      return false;
    }
  }

  private async keyBucket(db: BboltFile, bucket: Bucket): Promise<void> {
    const compacted = this.compactRevision(db);
    // Undefined after a key that is no revision.
    let last: RecordPlace | undefined = { main: compacted, sub: -1 };
    for (const entry of db.entries(bucket)) {
      if (this.turns.isOver()) await this.turns.next();
      const { key, valueOffset, valueSizeBytes } = entry;
      this.records++;
      this.entry(db, bucketName.key, entry, () => {
        const before = last;
        last = undefined;
        const { main, sub, tombstone } = decodeRecordKey(key);
        this.revision = main;
        last = main > compacted ? { main, sub } : before;
        const value = db.file.view(valueOffset, valueSizeBytes);
        // `snapshot restore --bump-revision` writes such a record, and marks its revision as compacted.
        if (value.length === 0 && main <= compacted) return;
        const record = checkedRecord(value, main, tombstone);
        if (tombstone) this.keys.delete(record.key);
        else this.keys.add(record.key);
        if (main > compacted && before !== undefined) checkOrder(before, { main, sub });
      });
    }
    if (compacted > this.revision && this.records > 0) {
      this.add(
        "bucket meta",
        `revision ${compacted} is compacted, but the last record is of revision ${this.revision}`,
      );
    }
  }

  private compactRevision(db: BboltFile): number {
    try {
      const bytes = readMeta(db, metaKey.scheduledCompact);
      return bytes === undefined ? 0 : decodeRevision(bytes);
    } catch {
      return 0; // the check of the bucket meta reports it
    }
  }
}

function checkedRecord(value: Buffer, main: number, tombstone: boolean): KeyValue {
  const record = decode(KeyValue, value);
  const { key, createRevision, modRevision, version } = record;
  if (key.length === 0) throw new Error("it has no key");
  const name = JSON.stringify(Buffer.from(key).toString());
  if (tombstone) {
    if (modRevision === 0n && version === 0n) return record;
    throw new Error(`the deletion of ${name} has the values of a put`);
  }
  if (modRevision !== BigInt(main)) throw new Error(`${name} has the mod revision ${modRevision}`);
  if (createRevision <= 0n || createRevision > modRevision)
    throw new Error(`${name} has the create revision ${createRevision}`);
  if (version <= 0n) throw new Error(`${name} has the version ${version}`);
  return record;
}

interface RecordPlace {
  readonly main: number;
  readonly sub: number;
}

/** The first revision of all is 2 in a store that was never compacted, as etcd starts at 1. */
function checkOrder(last: RecordPlace, { main, sub }: RecordPlace): void {
  if (main === last.main) {
    if (sub !== last.sub + 1)
      throw new Error(`records are missing: ${last.main}_${last.sub} is before ${main}_${sub}`);
    return;
  }
  const isNext = main === last.main + 1 || (last.main === 0 && main <= 2);
  if (!isNext) throw new Error(`records are missing: revision ${last.main} is before revision ${main}`);
  if (sub !== 0) throw new Error(`records are missing: revision ${main} begins with number ${sub}`);
}

type EntryCheck = (entry: { readonly key: Buffer; readonly value: Buffer }) => unknown;

function messageCheck<T>(type: MessageType<T>): EntryCheck {
  return ({ value }) => decode(type, value);
}

const entryChecks: Readonly<Record<string, EntryCheck>> = {
  [bucketName.lease]: decodeLease,
  [bucketName.members]: decodeMember,
  [bucketName.authUsers]: messageCheck(User),
  [bucketName.authRoles]: messageCheck(Role),
  [bucketName.meta]: ({ key, value }) => metaChecks[key.toString()]?.(value),
};

const metaChecks: Readonly<Record<string, (value: Buffer) => unknown>> = {
  [metaKey.consistentIndex]: uint64,
  [metaKey.term]: uint64,
  [metaKey.scheduledCompact]: decodeRevision,
  [metaKey.finishedCompact]: decodeRevision,
  [metaKey.confState]: (value) => JSON.parse(value.toString()) as unknown,
  [metaKey.storageVersion](value) {
    if (!/^\d+\.\d+\.\d+/.test(value.toString())) throw new Error("not a version");
  },
};

function uint64(value: Buffer): void {
  if (value.length !== 8) throw new Error(`${value.length} bytes instead of 8`);
}
