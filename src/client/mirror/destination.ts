// The receiving side of a mirror: transactions, one after the other, each tried until it is in. A try that was thought
// lost may still arrive, even after the next transaction; so each one carries a guard, that its keys have not been
// written since the last answer, and what comes late does nothing. Nothing of this is in etcd's mirror, which ends at the
// first broken connection.
import { CliError, EtcdError, ExitCode, StatusCode } from "../../errors";
import { isServerError } from "../../etcd/error-table";
import { nextKey } from "../../etcd/keys";
import { quote } from "../../go/quote";
import type { RequestOp } from "../../proto/gen/etcdserverpb";
import {
  Compare,
  Compare_CompareResult,
  Compare_CompareTarget,
  DeleteRangeRequest,
  PutRequest,
  RangeRequest,
  TxnRequest,
} from "../../proto/gen/etcdserverpb";
import type { EtcdClient } from "../client";

import type { Clock } from "../../clock";
import { sleep } from "../../clock";
import type { CallOptions } from "../../transport/transport";
import { isTransient } from "../retry";

const pageKeys = 1000n;

export class Destination {
  /** Of the last answer. */
  private revision = 0n;
  private startRevision = 0n;
  /** Comparing needs the permission to read, which a user who may write need not have. */
  private isGuarded = true;
  private readonly health: PeerHealth;

  constructor(
    private readonly client: EtcdClient,
    private readonly maxTxnOps: number,
    private readonly context: MirrorContext,
  ) {
    this.health = new PeerHealth("the destination", context);
  }

  /** The cluster's ID. Fails when the destination cannot be reached. */
  async open(): Promise<bigint> {
    const { header } = await this.retry(() =>
      this.client.kv.txn(TxnRequest.create(), this.context.callOptions()),
    ).catch(atDestination);
    this.revision = header?.revision ?? 0n;
    this.startRevision = this.revision;
    return header?.clusterId ?? 0n;
  }

  /**
   * Whether this is the cluster of `source`. Two etcds that were started without flags have the same IDs, so what tells
   * is whether a lease of the one is there in the other; one that gives no leases is taken for another cluster.
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
      this.context.onCopied(batch.reduce((sum, unit) => sum + unit.length, 0));
    }
  }

  /** The keys of [key, rangeEnd) that have been written since the mirror began. */
  async *keysWrittenSinceStart(key: Uint8Array, rangeEnd: Uint8Array): AsyncGenerator<Uint8Array> {
    const filter = { keysOnly: true, limit: pageKeys, minModRevision: this.startRevision + 1n };
    for (let next = key; ;) {
      const request = RangeRequest.create({ key: next, rangeEnd, ...filter });
      const { kvs, more } = await this.retry(() =>
        this.client.kv.range(request, this.context.callOptions()),
      ).catch(atDestination);
      for (const kv of kvs) yield kv.key;
      const last = kvs.at(-1);
      if (!more || !last) return;
      next = nextKey(last.key);
    }
  }

  private async commit(units: readonly WriteGroup[]): Promise<void> {
    const writes = units.flat();
    try {
      await this.apply(writes);
    } catch (error) {
      if (!isTooMuch(error)) throw whileWriting(error, writes);
      if (writes.length <= 1) return await this.applyBare(writes, error);
      // A smaller limit there than here: in halves, between two revisions if there are two.
      const parts = units.length > 1 ? halves(units) : halves(writes).map((half) => [half]);
      for (const part of parts) await this.commit(part);
    }
  }

  private async apply(writes: readonly Write[]): Promise<void> {
    for (let isIn = false; !isIn;) {
      const { header, succeeded } = await this.retry(() =>
        this.client.kv.txn(this.transaction(writes), this.context.callOptions()),
      );
      this.revision = header?.revision ?? this.revision;
      // Refused by the guard: someone else has written, or a try thought lost was not. Again, from here on.
      isIn = succeeded;
    }
  }

  /** A value so large that there is no room for a transaction around it. */
  private async applyBare(writes: readonly Write[], tooMuch: unknown): Promise<void> {
    const { request } = writes[0] ? toRequestOp(writes[0]) : {};
    if (request?.case !== "requestPut") throw whileWriting(tooMuch, writes);
    try {
      const { header } = await this.retry(() =>
        this.client.kv.put(request.value, this.context.callOptions()),
      );
      this.revision = header?.revision ?? this.revision;
    } catch (error) {
      throw whileWriting(error, writes);
    }
  }

  private transaction(writes: readonly Write[]): TxnRequest {
    const compare = this.isGuarded ? guards(writes).map((key) => notSince(key, this.revision)) : [];
    return { compare, success: writes.map(toRequestOp), failure: [] };
  }

  private async retry<T>(call: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        const answer = await call();
        await this.health.reportUp();
        return answer;
      } catch (error) {
        if (this.isGuarded && isServerError(error, "permissionDenied")) this.isGuarded = false;
        else await this.health.waitForRetry(error);
      }
    }
  }
}

/** One written key is enough, since every try writes it; a deleted one looks the same before and after. */
function guards(writes: readonly Write[]): Uint8Array[] {
  const put = writes.find(({ value }) => value !== undefined);
  return (put ? [put] : writes).map(({ key }) => key);
}

function notSince(key: Uint8Array, revision: bigint): Compare {
  return Compare.create({
    key,
    target: Compare_CompareTarget.MOD,
    result: Compare_CompareResult.LESS,
    targetUnion: { case: "modRevision", value: revision + 1n },
  });
}

function isTooMuch(error: unknown): boolean {
  const isLong = error instanceof EtcdError && error.code === StatusCode.ResourceExhausted;
  return (
    isServerError(error, "tooManyOps") ||
    isServerError(error, "requestTooLarge") ||
    (isLong && error.desc.includes("message larger than max"))
  );
}

function halves<T>(items: readonly T[]): [T[], T[]] {
  const middle = Math.ceil(items.length / 2);
  return [items.slice(0, middle), items.slice(middle)];
}

function whileWriting(error: unknown, writes: readonly Write[]): unknown {
  const [first] = writes;
  if (!(error instanceof EtcdError) || !first) return error;
  const keys = writes.length === 1 ? "" : ` and ${writes.length - 1} more`;
  const where = `it was the destination that refused, at key ${quote(Buffer.from(first.key))}${keys}`;
  return new CliError(ExitCode.error, error.message, { cause: error, hints: [...error.hints, where] });
}

function atDestination(error: unknown): never {
  if (!(error instanceof EtcdError)) throw error;
  const named = error.hints.map((hint) => hint.replaceAll("--endpoints", "the destination's endpoints"));
  const hints = [...named, "it was the destination that failed"];
  throw new CliError(ExitCode.error, error.message, { cause: error, hints });
}

// Puts and deletes as transactions for the destination. The writes of one revision of the source stay together where the
// limit on operations allows; revisions that wait anyway share a transaction, but never two writes of one key, so every
// version of a key arrives. Answers to the loop over events in etcdctl's make_mirror_command.go.

export type Write =
  | { readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly key: Uint8Array; readonly value: undefined };

/** What belongs together: the writes of one revision, or of as much of it as one transaction may hold. */
export type WriteGroup = readonly Write[];

/** How many operations etcd takes in a transaction unless it is told otherwise. */
export const defaultMaxTxnOps = 128;
/** Well below the 1.5 MiB that etcd takes in a request. */
const sharedBytes = 1024 * 1024;

/** `maxOps` 0: a revision is never split here. */
export function* batchWrites(revisions: Iterable<WriteGroup>, maxOps: number): Generator<WriteGroup[]> {
  const most = maxOps === 0 ? Infinity : maxOps;
  const mostShared = Math.min(most, defaultMaxTxnOps);
  let batch: WriteGroup[] = [];
  let sizeBytes = 0;
  let names = new Set<string>();
  for (const revision of revisions) {
    for (const unit of split(revision, most)) {
      const unitBytes = unit.reduce((sum, { key, value }) => sum + key.length + (value?.length ?? 0), 0);
      const unitNames = unit.map(({ key }) => Buffer.from(key).toString("latin1"));
      const isFull = names.size + unit.length > mostShared || sizeBytes + unitBytes > sharedBytes;
      if (batch.length > 0 && (isFull || unitNames.some((each) => names.has(each)))) {
        yield batch;
        [batch, sizeBytes, names] = [[], 0, new Set()];
      }
      batch.push(unit);
      sizeBytes += unitBytes;
      for (const each of unitNames) names.add(each);
    }
  }
  if (batch.length > 0) yield batch;
}

function split(unit: WriteGroup, most: number): WriteGroup[] {
  if (unit.length <= most) return unit.length === 0 ? [] : [unit];
  const parts: WriteGroup[] = [];
  for (let at = 0; at < unit.length; at += most) parts.push(unit.slice(at, at + most));
  return parts;
}

export function toRequestOp({ key, value }: Write): RequestOp {
  return value === undefined
    ? { request: { case: "requestDeleteRange", value: DeleteRangeRequest.create({ key }) } }
    : { request: { case: "requestPut", value: PutRequest.create({ key, value }) } };
}

// One side of a mirror that does not answer for a while: it is told once, waited out and told again. What has never
// answered, errors that do not pass, and Ctrl-C are thrown on.

const retryMs = 300;

export class PeerHealth {
  private state: "not seen yet" | "answers" | "silent" = "not seen yet";

  constructor(
    private readonly who: string,
    private readonly world: MirrorContext,
  ) {}

  /** Returns when it is time for the next try. */
  async waitForRetry(error: unknown): Promise<void> {
    const { clock, streamOptions: stream } = this.world;
    const { signal } = stream();
    if (!mayPass(error) || signal?.aborted || this.state === "not seen yet") throw error;
    await this.reportDown(error);
    await sleep(clock, retryMs, signal);
    signal?.throwIfAborted();
  }

  async reportDown(error: EtcdError): Promise<void> {
    if (this.state !== "answers") return;
    this.state = "silent";
    const { report: tell } = this.world;
    await tell(`${this.who} does not answer (${error.message}); the mirror goes on when it does`);
    for (const hint of error.hints) await tell(hint);
  }

  async reportUp(): Promise<void> {
    const was = this.state;
    this.state = "answers";
    if (was === "silent") await this.world.report(`${this.who} answers again`);
  }
}

function mayPass(error: unknown): error is EtcdError {
  const isLate = error instanceof EtcdError && error.code === StatusCode.DeadlineExceeded;
  return isTransient(error) || isLate || isServerError(error, "requestTooManyRequests");
}

export interface MirrorContext {
  readonly callOptions: () => CallOptions;
  readonly streamOptions: () => CallOptions;
  readonly clock: Clock;
  /** Told of each transaction that is in. */
  readonly onCopied: (keys: number) => void;
  /** What the user may want to know, a line at a time. */
  readonly report: (line: string) => Promise<void>;
}
