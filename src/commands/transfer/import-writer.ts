// Writes keys in transactions: reads what is there, writes what differs, and compares that nothing was written between. Until a
// key is found, transactions write without reading first: one request in place of two, and with --offline a directory is made.
import type { EtcdClient } from "../../client/client";
import { unchangedSince } from "../../client/compare";
import { isTooLarge } from "../../client/mirror/destination";
import { CliError, ExitCode } from "../../errors";
import { quote } from "../../go/quote";
import {
  PutRequest,
  RangeRequest,
  TxnRequest,
  type RequestOp,
  type TxnResponse,
} from "../../proto/gen/etcdserverpb";
import type { KeyValue } from "../../proto/gen/mvccpb";
import type { CallOptions } from "../../transport/transport";

export interface ImportedKey {
  readonly key: Buffer;
  readonly value: Buffer;
  /** 0n without a lease. */
  readonly lease: bigint;
}

export interface ImportCounts {
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly skipped: number;
  readonly total: number;
}

export interface ImportWriterOptions {
  readonly maxTxnOps: number;
  /** Keys that exist are skipped. */
  readonly onlyAbsent: boolean;
  readonly isDryRun: boolean;
  /** Receives the keys of a transaction when it has succeeded, without those that were skipped. */
  onWritten?(keys: readonly ImportedKey[]): Promise<void>;
  callOptions(): CallOptions;
}

/** Well below etcd's default limit of 1.5 MiB for a request. */
const maxBatchBytes = 1024 * 1024;
/** Other clients write the same keys: so often in a row means that they never stop. */
const maxAttempts = 20;

type Fate = "added" | "changed" | "unchanged" | "skipped";

export class ImportWriter {
  readonly counts = { added: 0, changed: 0, unchanged: 0, skipped: 0, total: 0 };
  private batch: ImportedKey[] = [];
  private names = new Set<string>();
  private batchBytes = 0;
  private assumesAbsent: boolean;

  constructor(
    private readonly client: EtcdClient,
    private readonly options: ImportWriterOptions,
  ) {
    this.assumesAbsent = !options.isDryRun;
  }

  async add(imported: ImportedKey): Promise<void> {
    const name = imported.key.toString("latin1");
    const sizeBytes = imported.key.length + imported.value.length;
    const isFull = this.batch.length >= this.options.maxTxnOps || this.batchBytes + sizeBytes > maxBatchBytes;
    if (this.batch.length > 0 && (isFull || this.names.has(name))) await this.flush();
    this.batch.push(imported);
    this.names.add(name);
    this.batchBytes += sizeBytes;
  }

  /** Resolves when everything that was added is written. */
  async flush(): Promise<void> {
    const { batch } = this;
    [this.batch, this.names, this.batchBytes] = [[], new Set(), 0];
    if (batch.length > 0) await this.write(batch);
  }

  private async write(batch: readonly ImportedKey[]): Promise<void> {
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      try {
        const found = this.assumesAbsent ? await this.putAbsent(batch) : await this.read(batch);
        const fates = batch.map((imported, at) => this.fateOf(imported, found?.[at]));
        const isWritten =
          this.options.isDryRun || found === undefined || (await this.put(batch, found, fates));
        if (!isWritten) continue;
        for (const fate of fates) this.counts[fate]++;
        this.counts.total += fates.length;
        return await this.options.onWritten?.(batch.filter((_, at) => fates[at] !== "skipped"));
      } catch (error) {
        if (!isTooLarge(error)) throw error;
        if (this.assumesAbsent) {
          // Each key is three times in these transactions.
          this.assumesAbsent = false;
          continue;
        }
        if (batch.length === 1) throw error;
        const middle = Math.ceil(batch.length / 2);
        await this.write(batch.slice(0, middle));
        return this.write(batch.slice(middle));
      }
    }
    const [first] = batch;
    throw new CliError(
      ExitCode.error,
      `the keys from ${quote(first?.key ?? "")} on are written by others all the time`,
      { hints: ["nothing of this transaction has been written; stop the writers, and import again"] },
    );
  }

  /** Resolves to undefined when all keys were absent, and are written. */
  private async putAbsent(batch: readonly ImportedKey[]): Promise<Found | undefined> {
    const compare = batch.map(({ key }) => unchangedSince(key, undefined));
    const request = TxnRequest.create({ compare, success: batch.map(putOf), failure: batch.map(rangeOf) });
    const response = await this.txn(request);
    if (response.succeeded) return undefined;
    this.assumesAbsent = false;
    return foundIn(response);
  }

  private async read(batch: readonly ImportedKey[]): Promise<Found> {
    return foundIn(await this.txn(TxnRequest.create({ success: batch.map(rangeOf) })));
  }

  private fateOf({ value, lease }: ImportedKey, found: KeyValue | undefined): Fate {
    if (found === undefined) return "added";
    if (this.options.onlyAbsent) return "skipped";
    return Buffer.compare(found.value, value) === 0 && found.lease === lease ? "unchanged" : "changed";
  }

  /** Resolves to false when a key was written since `found` was read. */
  private async put(batch: readonly ImportedKey[], found: Found, fates: readonly Fate[]): Promise<boolean> {
    const written = batch.flatMap((imported, at) =>
      ["added", "changed"].includes(fates[at] as Fate) ? [{ imported, before: found[at] }] : [],
    );
    if (written.length === 0) return true;
    const request = TxnRequest.create({
      compare: written.map(({ imported: { key }, before }) => unchangedSince(key, before)),
      success: written.map(({ imported }) => putOf(imported)),
    });
    return (await this.txn(request)).succeeded;
  }

  private txn(request: TxnRequest): Promise<TxnResponse> {
    return this.client.kv.txn(request, this.options.callOptions());
  }
}

/** For each key of a batch what is there. */
type Found = readonly (KeyValue | undefined)[];

function foundIn({ responses }: TxnResponse): Found {
  return responses.map(({ response }) =>
    response?.case === "responseRange" ? response.value.kvs[0] : undefined,
  );
}

function putOf(imported: ImportedKey): RequestOp {
  return { request: { case: "requestPut", value: PutRequest.create({ ...imported }) } };
}

function rangeOf({ key }: ImportedKey): RequestOp {
  return { request: { case: "requestRange", value: RangeRequest.create({ key }) } };
}
