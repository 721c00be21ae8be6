// The keys in which two places differ, in their order. Two backups or data dirs are compared file by file. Otherwise two readers
// side by side, of keys in order, find the differences in constant memory.
import { readRange } from "../../client/range";
import type { Difference } from "../../offline/compare-files";
import type { RecordFile } from "../../offline/record-file";
import { writeHints } from "../../hints";
import { RangeRequest } from "../../proto/gen/etcdserverpb";
import type { KeyValue } from "../../proto/gen/mvccpb";
import { argumentBytes, keyRange } from "../arguments";
import { rangeReading, type CommandContext } from "../command";
import { placeOf, type Place } from "./places";

export type Change = "added" | "removed" | "changed";
export type ChangeCounts = Record<Change, number>;

export function changeOf({ a, b }: { readonly a: unknown; readonly b: unknown }): Change {
  if (a === undefined) return "added";
  return b === undefined ? "removed" : "changed";
}

export interface Comparison {
  /** Batches, so that a few waits serve many keys. */
  differences(): AsyncIterable<Difference[]>;
  count(): Promise<ChangeCounts>;
  close(): Promise<void>;
}

export async function comparison(
  typed: readonly [a: string, b: string],
  prefix: string,
  context: CommandContext,
): Promise<Comparison> {
  const [a, b] = [await placeOf(typed[0], context), await placeOf(typed[1], context)];
  if (a.kind === "path" && b.kind === "path") return fileComparison([a.path, b.path], prefix, context);
  const [from, to] = await openBoth(a, b, (place) => openSide(place, prefix, context));
  const differences = () => mergeJoin(new Cursor(from.read()), new Cursor(to.read()));
  return {
    differences,
    count: () => countAll(differences()),
    async close() {
      await from.close();
      await to.close();
    },
  };
}

/** If the second does not open, the first is closed. */
async function openBoth<Place, Opened extends { close(): Promise<void> }>(
  a: Place,
  b: Place,
  open: (place: Place) => Promise<Opened>,
): Promise<readonly [a: Opened, b: Opened]> {
  const first = await open(a);
  try {
    return [first, await open(b)];
  } catch (error) {
    await first.close();
    throw error;
  }
}

type Parts = AsyncGenerator<{ readonly kvs: readonly KeyValue[] }, void>;

/** One place of a comparison. */
interface Side {
  /** Its keys, in order. */
  read(): Parts;
  close(): Promise<void>;
}

async function openSide(place: Place, prefix: string, context: CommandContext): Promise<Side> {
  if (place.kind === "open") {
    const { client, revision } = place.place;
    const range = keyRange([prefix], { prefix: true, "from-key": false });
    const request = RangeRequest.create({ ...range, revision });
    return {
      read: () => readRange(request, rangeReading(context, client)),
      close: () => Promise.resolve(),
    };
  }
  const { keysInOrder } = await import("../../offline/compare-files");
  const file = await openFile(place.path, context);
  const options = { prefix: argumentBytes(prefix), signal: context.io.interrupt };
  return { read: () => keysInOrder(file, options), close: () => file.close() };
}

async function openFile(path: string, { io }: CommandContext): Promise<RecordFile> {
  const { openRecordFile } = await import("../../offline/record-file");
  const printHints = (hints: readonly string[]) => writeHints(hints, io);
  return openRecordFile({ path, env: io.env, clock: io.clock, printHints }, io.interrupt);
}

export async function countAll(differences: AsyncIterable<readonly Difference[]>): Promise<ChangeCounts> {
  const counts = { added: 0, removed: 0, changed: 0 };
  for await (const batch of differences) for (const each of batch) counts[changeOf(each)]++;
  return counts;
}

async function fileComparison(
  paths: readonly [a: string, b: string],
  prefix: string,
  context: CommandContext,
): Promise<Comparison> {
  const { compareFiles, findDifferences } = await import("../../offline/compare-files");
  const [a, b] = await openBoth(...paths, (path) => openFile(path, context));
  const options = { prefix: argumentBytes(prefix), signal: context.io.interrupt };
  return {
    differences: () => compareFiles(a, b, options),
    async count() {
      const counts = { added: 0, removed: 0, changed: 0 };
      await findDifferences(a, b, options, (found) => counts[changeOf(found)]++);
      return counts;
    },
    async close() {
      await a.close();
      await b.close();
    },
  };
}

/** The keys of a place in byte order. They come in batches, so most steps wait for nothing. */
class Cursor {
  private kvs: readonly KeyValue[] = [];
  private at = 0;

  constructor(private readonly parts: Parts) {}

  /** Undefined when the batch is used up. */
  get current(): KeyValue | undefined {
    return this.kvs[this.at];
  }

  step(): void {
    this.at++;
  }

  /** Gets the next batch if the present one is used up. Afterwards `current` is undefined only at the end. */
  async fill(): Promise<void> {
    while (this.current === undefined) {
      const next = await this.parts.next();
      if (next.done === true) return;
      [this.kvs, this.at] = [next.value.kvs, 0];
    }
  }

  async close(): Promise<void> {
    await this.parts.return(undefined);
  }
}

async function* mergeJoin(from: Cursor, to: Cursor): AsyncGenerator<Difference[]> {
  try {
    for (;;) {
      await Promise.all([from.fill(), to.fill()]);
      if (from.current === undefined && to.current === undefined) return;
      const isLast = from.current === undefined || to.current === undefined;
      const found: Difference[] = [];
      while (from.current !== undefined && to.current !== undefined) stepBoth(from, to, found);
      if (isLast) oneSided(from, to, found);
      if (found.length > 0) yield found;
    }
  } finally {
    await Promise.allSettled([from.close(), to.close()]);
  }
}

function stepBoth(from: Cursor, to: Cursor, found: Difference[]): void {
  const [a, b] = [from.current as KeyValue, to.current as KeyValue];
  const order = Buffer.compare(a.key, b.key);
  if (order < 0) found.push({ a, b: undefined });
  else if (order > 0) found.push({ a: undefined, b });
  else if (Buffer.compare(a.value, b.value) !== 0) found.push({ a, b });
  if (order <= 0) from.step();
  if (order >= 0) to.step();
}

/** One place has no more keys: those of the other place have no counterpart. */
function oneSided(from: Cursor, to: Cursor, found: Difference[]): void {
  for (let a = from.current; a !== undefined; from.step(), a = from.current) found.push({ a, b: undefined });
  for (let b = to.current; b !== undefined; to.step(), b = to.current) found.push({ a: undefined, b });
}
