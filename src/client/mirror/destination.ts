// The receiving side of a mirror: one transaction after the other, each retried until the cluster has it. A lost attempt may
// still arrive later, even after the next transaction. So each transaction compares that its keys were not written since
// the last response, and a late attempt changes nothing. Go's make-mirror ends at the first broken connection instead.
import { CliError, EtcdError, ExitCode, StatusCode } from "../../errors";
import { isServerError } from "../../etcd/error-table";
import { quote } from "../../go/quote";
import {
  DeleteRangeRequest,
  PutRequest,
  RangeRequest,
  TxnRequest,
  type RequestOp,
} from "../../proto/gen/etcdserverpb";
import type { EtcdClient } from "../client";
import { notSince } from "../compare";
import { keyAfterPage } from "../range";
import { PeerHealth, type MirrorContext } from "./peer-health";

const pageKeys = 1000n;

export class Destination {
  /** The revision in the last response. */
  private revision = 0n;
  private startRevision = 0n;
  /** False when the user may write but not read: a comparison needs the read permission. */
  private canCompare = true;
  private readonly health: PeerHealth;

  constructor(
    private readonly client: EtcdClient,
    private readonly maxTxnOps: number,
    private readonly context: MirrorContext,
  ) {
    this.health = new PeerHealth("the destination", context);
  }

  /** Returns the cluster ID. Throws when the destination is unreachable. */
  async open(): Promise<bigint> {
    const { header } = await this.retry(() =>
      this.client.kv.txn(TxnRequest.create(), this.context.callOptions()),
    ).catch(throwAsDestinationError);
    this.revision = header?.revision ?? 0n;
    this.startRevision = this.revision;
    return header?.clusterId ?? 0n;
  }

  /**
   * Whether the destination is the cluster of `source`. Two etcds that run without flags have the same IDs, so this grants
   * a lease at the destination and looks for it at the source. Without a lease the answer is false.
   */
  async isSameCluster(source: EtcdClient): Promise<boolean> {
    try {
      const { ID } = await this.client.lease.leaseGrant({ ID: 0n, TTL: 60n }, this.context.callOptions());
      const { TTL } = await source.lease.leaseTimeToLive({ ID, keys: false }, this.context.callOptions());
      await this.client.lease.leaseRevoke({ ID }, this.context.callOptions());
      return TTL >= 0n;
    } catch (error) {
      if (error instanceof EtcdError) return false;
      throw error;
    }
  }

  async write(revisions: Iterable<WriteGroup>): Promise<void> {
    for (const batch of batchWrites(revisions, this.maxTxnOps)) {
      await this.commit(batch);
      this.context.onCopied(batch.reduce((sum, group) => sum + group.length, 0));
    }
  }

  /** The keys of [key, rangeEnd) that were written since the mirror started. */
  async *keysWrittenSinceStart(key: Uint8Array, rangeEnd: Uint8Array): AsyncGenerator<Uint8Array> {
    const filter = { keysOnly: true, limit: pageKeys, minModRevision: this.startRevision + 1n };
    for (let next = key; ;) {
      const request = RangeRequest.create({ key: next, rangeEnd, ...filter });
      const { kvs, more } = await this.retry(() =>
        this.client.kv.range(request, this.context.callOptions()),
      ).catch(throwAsDestinationError);
      for (const kv of kvs) yield kv.key;
      if (!more) return;
      next = keyAfterPage(request, kvs.at(-1)?.key);
    }
  }

  private async commit(groups: readonly WriteGroup[]): Promise<void> {
    const writes = groups.flat();
    try {
      await this.apply(writes);
    } catch (error) {
      if (!isTooLarge(error)) throw writeError(error, writes);
      if (writes.length <= 1) return await this.putWithoutTxn(writes, error);
      // The destination's limit is smaller. Send halves, split between two revisions if there are two.
      const parts = groups.length > 1 ? halves(groups) : halves(writes).map((half) => [half]);
      for (const part of parts) await this.commit(part);
    }
  }

  private async apply(writes: readonly Write[]): Promise<void> {
    for (let isWritten = false; !isWritten;) {
      const { header, succeeded } = await this.retry(() =>
        this.client.kv.txn(this.transaction(writes), this.context.callOptions()),
      );
      this.revision = header?.revision ?? this.revision;
      // The comparison failed: another client wrote a key, or a lost attempt has arrived. Retry from this revision.
      isWritten = succeeded;
    }
  }

  /** Sends a put without a transaction: with a large value, the transaction can be above the request limit. */
  private async putWithoutTxn(writes: readonly Write[], tooLarge: unknown): Promise<void> {
    const { request } = writes[0] ? toRequestOp(writes[0]) : {};
    if (request?.case !== "requestPut") throw writeError(tooLarge, writes);
    try {
      const { header } = await this.retry(() =>
        this.client.kv.put(request.value, this.context.callOptions()),
      );
      this.revision = header?.revision ?? this.revision;
    } catch (error) {
      throw writeError(error, writes);
    }
  }

  private transaction(writes: readonly Write[]): TxnRequest {
    const compare = this.canCompare
      ? keysToCompare(writes).map((key) => notSince({ key }, this.revision))
      : [];
    return { compare, success: writes.map(toRequestOp), failure: [] };
  }

  private async retry<T>(call: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        const response = await call();
        await this.health.reportUp();
        return response;
      } catch (error) {
        if (this.canCompare && isServerError(error, "permissionDenied")) this.canCompare = false;
        else await this.health.waitForRetry(error);
      }
    }
  }
}

/**
 * The keys to compare. One key that is put is enough, because each attempt writes it. A deleted key looks the same before
 * and after, so without a put all keys are compared.
 */
function keysToCompare(writes: readonly Write[]): Uint8Array[] {
  const put = writes.find(({ value }) => value !== undefined);
  return (put ? [put] : writes).map(({ key }) => key);
}

/** Whether the server refuses a transaction for its size. Half of it may fit. */
export function isTooLarge(error: unknown): boolean {
  const isLargeMessage = error instanceof EtcdError && error.code === StatusCode.ResourceExhausted;
  return (
    isServerError(error, "tooManyOps") ||
    isServerError(error, "requestTooLarge") ||
    (isLargeMessage && error.desc.includes("message larger than max"))
  );
}

function halves<T>(items: readonly T[]): [T[], T[]] {
  const middle = Math.ceil(items.length / 2);
  return [items.slice(0, middle), items.slice(middle)];
}

function writeError(error: unknown, writes: readonly Write[]): unknown {
  const [first] = writes;
  if (!(error instanceof EtcdError) || !first) return error;
  const keys = writes.length === 1 ? "" : ` and ${writes.length - 1} more`;
  const where = `the error is from the destination, at key ${quote(Buffer.from(first.key))}${keys}`;
  return new CliError(ExitCode.error, error.message, { cause: error, hints: [...error.hints, where] });
}

function throwAsDestinationError(error: unknown): never {
  if (!(error instanceof EtcdError)) throw error;
  const named = error.hints.map((hint) => hint.replaceAll("--endpoints", "the destination's endpoints"));
  const hints = [...named, "the error is from the destination"];
  throw new CliError(ExitCode.error, error.message, { cause: error, hints });
}

/** A put; without a value, a delete. */
export type Write =
  | { readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly key: Uint8Array; readonly value: undefined };

/** Writes that stay in one transaction: those of one revision, or a part that fits in one transaction. */
export type WriteGroup = readonly Write[];

/** etcd's default limit of operations in a transaction (--max-txn-ops). */
export const defaultMaxTxnOps = 128;
/** Well below etcd's default limit of 1.5 MiB for a request. */
const sharedBytes = 1024 * 1024;

/**
 * Combines the writes of waiting revisions into transactions. A revision stays in one transaction if it has at most
 * `maxOps` writes (0: always). No transaction has two writes of one key, so every version of a key arrives.
 * Go: etcdctl/ctlv3/command/make_mirror_command.go (makeMirror)
 */
export function* batchWrites(revisions: Iterable<WriteGroup>, maxOps: number): Generator<WriteGroup[]> {
  const most = maxOps === 0 ? Infinity : maxOps;
  const mostShared = Math.min(most, defaultMaxTxnOps);
  let batch: WriteGroup[] = [];
  let sizeBytes = 0;
  let names = new Set<string>();
  for (const revision of revisions) {
    for (const group of split(revision, most)) {
      const groupBytes = group.reduce((sum, { key, value }) => sum + key.length + (value?.length ?? 0), 0);
      const groupNames = group.map(({ key }) => Buffer.from(key).toString("latin1"));
      const isFull = names.size + group.length > mostShared || sizeBytes + groupBytes > sharedBytes;
      if (batch.length > 0 && (isFull || groupNames.some((each) => names.has(each)))) {
        yield batch;
        [batch, sizeBytes, names] = [[], 0, new Set()];
      }
      batch.push(group);
      sizeBytes += groupBytes;
      for (const each of groupNames) names.add(each);
    }
  }
  if (batch.length > 0) yield batch;
}

function split(group: WriteGroup, most: number): WriteGroup[] {
  if (group.length <= most) return group.length === 0 ? [] : [group];
  const parts: WriteGroup[] = [];
  for (let at = 0; at < group.length; at += most) parts.push(group.slice(at, at + most));
  return parts;
}

export function toRequestOp({ key, value }: Write): RequestOp {
  return value === undefined
    ? { request: { case: "requestDeleteRange", value: DeleteRangeRequest.create({ key }) } }
    : { request: { case: "requestPut", value: PutRequest.create({ key, value }) } };
}
