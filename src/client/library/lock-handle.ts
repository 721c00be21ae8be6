// Locks and elections on a lease that the client keeps alive. The keys are those of etcd's own clients and of `etcdctl lock`
// and `etcdctl elect`, so they exclude each other.
import {
  Compare,
  Compare_CompareResult,
  Compare_CompareTarget,
  DeleteRangeRequest,
  PutRequest,
  type RequestOp,
} from "../../proto/gen/etcdserverpb";
import { firstAborted } from "../../clock";
import { EtcdError, StatusCode } from "../../errors";
import type { CallOptions } from "../../transport/transport";
import { mutexPrefix, oldestKeyRequest, release, tryAcquire, waitDeletes } from "../concurrency/mutex";
import { diagnosed, withDiagnosis } from "./errors";
import { bytes } from "./input";
import { callOptionsOf, valueOf } from "./key-calls";
import { asyncDispose, openLease, waitOptions, type CoordinationContext, type Lease } from "./lease-handle";
import { callTable, checkOptions, type OptionTable } from "./options";
import { keyOf, type Bytes } from "./targets";
import { Value } from "./values";

/** Options of `lock`. Its time limits count for the wait; without one it waits as long as another client has the lock. */
export interface LockOptions extends CallOptions {
  /** How long the lock lives without its client, in seconds. Default: 60. */
  readonly ttlSeconds?: number | bigint | undefined;
}

const lockTable = { ...callTable, ttlSeconds: "any" } as const satisfies OptionTable<LockOptions>;
const defaultTtlSeconds = 60;

interface Claim {
  readonly key: Uint8Array;
  readonly createRevision: bigint;
  readonly lease: Lease;
}

/** Waits until the client's key is the oldest one. */
async function claim(
  context: CoordinationContext,
  owner: string,
  given: { readonly name: Bytes; readonly value?: Bytes | undefined },
  options: LockOptions,
): Promise<Claim> {
  checkOptions(owner, options, lockTable);
  const name = keyOf(owner, given.name, "name");
  const value = bytes(given.value ?? "", `the value of ${owner}`);
  const { ttlSeconds = defaultTtlSeconds, ...callOptions } = options;
  const lease = await openLease(context, ttlSeconds, callOptions);
  const { client, clock } = context;
  const wait = waitOptions(clock, lease.lost, callOptions);
  try {
    const acquisition = await tryAcquire(client, { name, value, leaseId: lease.id }, wait.retry);
    if (!acquisition.isAcquired) await waitDeletes(client, acquisition, wait.retry);
    const { key, createRevision } = acquisition;
    // The lease may have ended during the wait, and the key with it.
    const { count } = await client.kv.range(rangeOfOne(key), callOptionsOf(context, {}));
    if (count === 0n || lease.lost.aborted)
      throw new EtcdError(StatusCode.Aborted, "the lease was lost", true, {
        cause: lease.lost.reason as unknown,
      });
    return { key, createRevision, lease };
  } catch (error) {
    // Revoking the lease deletes the key, so no other client waits for this one.
    await lease.revoke().catch(() => undefined);
    throw wait.reasonOf(error);
  } finally {
    wait.done();
  }
}

function rangeOfOne(key: Uint8Array) {
  return { ...oldestKeyRequest(key), rangeEnd: new Uint8Array(0) };
}

/**
 * A lock that this client holds. `lost` is aborted when the lock may belong to another client. With `await using` it is
 * released at the end of the block.
 *
 * @example
 * await using lock = await client.lock("jobs/nightly");
 * await work(lock.lost);
 */
export class Lock {
  /** @internal */
  constructor(
    private readonly context: CoordinationContext,
    private readonly name: Uint8Array,
    private readonly claim: Claim,
  ) {}

  /** The client's key, to be compared in transactions: while it exists, the client has the lock. */
  get key(): string {
    return Buffer.from(this.claim.key).toString();
  }

  get lease(): Lease {
    return this.claim.lease;
  }

  /** Aborted when the lock is lost or may be lost. Its reason is an Error that says why. */
  get lost(): AbortSignal {
    return this.lease.lost;
  }

  /** Gives the lock to the next client, and ends its lease. A lost lock is no error. */
  async unlock(): Promise<void> {
    const { clock, client } = this.context;
    const limited = callOptionsOf(this.context, {});
    const deadlineAt = clock.now() + (limited.timeoutMs ?? Infinity);
    const callOptions = () => (deadlineAt === Infinity ? {} : { deadlineAt });
    await diagnosed(() =>
      release(
        client,
        { name: this.name, leaseId: this.lease.id },
        {
          clock,
          callOptions,
          shouldRetry: () => clock.now() < deadlineAt,
        },
      ),
    );
    await this.lease.revoke();
  }

  /** Same as unlock(), for `await using`. */
  [asyncDispose](): Promise<void> {
    return this.unlock();
  }
}

export async function acquireLock(
  context: CoordinationContext,
  name: Bytes,
  options: LockOptions = {},
): Promise<Lock> {
  return new Lock(
    context,
    keyOf("lock", name, "name"),
    await diagnosed(() => claim(context, "lock", { name }, options)),
  );
}

/** An election: many campaign, one leads. */
export class Election {
  private readonly nameBytes: Uint8Array;

  /** @internal */
  constructor(
    private readonly context: CoordinationContext,
    name: Bytes,
  ) {
    this.nameBytes = keyOf("election", name, "name");
  }

  /** Waits until this client leads. Others see `value`. Its time limits are those of `lock`. */
  async campaign(value: Bytes, options: LockOptions = {}): Promise<Leadership> {
    const given = { name: this.nameBytes, value };
    const won = await diagnosed(() => claim(this.context, "campaign", given, options));
    return new Leadership(this.context, won);
  }

  /** What the leader has proclaimed. Undefined without a leader. */
  async leader(options: CallOptions = {}): Promise<Value | undefined> {
    checkOptions("leader", options, callTable);
    const request = oldestKeyRequest(mutexPrefix(this.nameBytes));
    const { kvs } = await diagnosed(() =>
      this.context.client.kv.range(request, callOptionsOf(this.context, options)),
    );
    return valueOf(kvs[0]);
  }

  /**
   * Yields what leaders proclaim, beginning with the present leader. It may miss old ones, but always yields the latest.
   * Throws DeadlineExceeded when no member responds in the time limit of the client; once it has begun it waits for them.
   */
  async *observe({ signal }: Pick<CallOptions, "signal"> = {}): AsyncGenerator<Value> {
    const { observe } = await import("../concurrency/election");
    const ending = new AbortController();
    const ended = firstAborted(ending.signal, signal);
    const { client, clock, timeoutMs } = this.context;
    try {
      for await (const { kvs } of observe(client, this.nameBytes, {
        clock,
        callOptions: () => (timeoutMs === Infinity ? {} : { deadlineAt: clock.now() + timeoutMs }),
        signal: ended.signal,
      })) {
        if (kvs[0]) yield new Value(kvs[0]);
      }
    } catch (error) {
      throw withDiagnosis(error);
    } finally {
      ending.abort();
      ended.release();
    }
  }
}

/** The leadership of this client. `lost` is aborted when another client may lead. `await using` resigns. */
export class Leadership {
  /** @internal */
  constructor(
    private readonly context: CoordinationContext,
    private readonly won: Claim,
  ) {}

  /** The client's key, to be compared in transactions. */
  get key(): string {
    return Buffer.from(this.won.key).toString();
  }

  get lease(): Lease {
    return this.won.lease;
  }

  /** Aborted when the leadership is lost or may be lost. Its reason is an Error that says why. */
  get lost(): AbortSignal {
    return this.lease.lost;
  }

  /** Shows another value to the others. Rejects with Aborted if this client does not lead any more. */
  async proclaim(value: Bytes): Promise<void> {
    const { key } = this.won;
    const put = PutRequest.create({
      key,
      value: bytes(value, "the value of proclaim"),
      lease: this.lease.id,
    });
    if (!(await this.ifStillLeader({ request: { case: "requestPut", value: put } })))
      throw new EtcdError(StatusCode.Aborted, "election: not leader", true);
  }

  /** Gives up the leadership, and ends its lease. A lost leadership is no error. */
  async resign(): Promise<void> {
    const deletion = DeleteRangeRequest.create({ key: this.won.key });
    await this.ifStillLeader({ request: { case: "requestDeleteRange", value: deletion } });
    await this.lease.revoke();
  }

  /** Same as resign(), for `await using`. */
  [asyncDispose](): Promise<void> {
    return this.resign();
  }

  private async ifStillLeader(op: RequestOp): Promise<boolean> {
    const { key, createRevision } = this.won;
    const leads = Compare.create({
      key,
      target: Compare_CompareTarget.CREATE,
      result: Compare_CompareResult.EQUAL,
      targetUnion: { case: "createRevision", value: createRevision },
    });
    const request = { compare: [leads], success: [op], failure: [] };
    const { succeeded } = await diagnosed(() =>
      this.context.client.kv.txn(request, callOptionsOf(this.context, {})),
    );
    return succeeded;
  }
}
