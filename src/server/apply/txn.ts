// Transactions, puts and deletes. A transaction evaluates all compares first, nested ones too, then checks the chosen
// operations, and only then applies them, in one revision. So a refused transaction changes nothing.
// Conditions on large ranges and large deletes take several steps. Must stay true: no other write begins between them.
// Go: server/etcdserver/txn/txn.go, put.go and delete.go
import type {
  Compare,
  DeleteRangeRequest,
  DeleteRangeResponse,
  PutRequest,
  PutResponse,
  RequestOp,
  ResponseOp,
  TxnRequest,
  TxnResponse,
} from "../../proto/gen/etcdserverpb";
import {
  Compare_CompareResult as Result,
  Compare_CompareTarget as Target,
} from "../../proto/gen/etcdserverpb";
import type { KeyValue } from "../../proto/gen/mvccpb";
import { emptyBytes } from "../../proto/wire";
import type { Steps } from "../../storage/steps";
import { LeaseNotFoundError } from "../lease/lessor";
import { endOf } from "../mvcc/keys";
import type { ReadView, WriteTxn } from "../mvcc/kv";
import { CompactedError, FutureRevisionError } from "../mvcc/kv";
import type { Records } from "../mvcc/records";
import type { ReadableEngine, WritableEngine } from "./engine";
import { KeyNotFoundError, headerAt } from "./engine";
import { compareInt64, keyValuesOf, rangeIn } from "./range";

export function* applyTxn(engine: WritableEngine, request: TxnRequest): Steps<TxnResponse> {
  const plan = yield* planOf(engine, request);
  check(engine, plan);
  const txn = engine.store.write();
  // An error from here on is a bug. The write then stays open, and the store refuses all others: no half transaction.
  const response = yield* execute(txn, engine.store, plan);
  response.header = headerAt(txn.revision);
  txn.end();
  return response;
}

/** A transaction of ranges only, which needs no write. */
export function* readTxn(engine: ReadableEngine, request: TxnRequest): Steps<TxnResponse> {
  const { store } = engine;
  const { succeeded, steps } = yield* planOf(engine, request);
  check(engine, { succeeded, steps });
  const header = headerAt(store.revision);
  const responses: ResponseOp[] = [];
  for (const step of steps) {
    if (step?.case !== "requestRange") throw new Error("a read-only transaction with a change");
    responses.push({ response: { case: "responseRange", value: yield* rangeIn(store, step.value) } });
  }
  return { header, succeeded, responses };
}

/** A transaction whose compares are evaluated: the steps of one branch. */
interface Plan {
  readonly succeeded: boolean;
  readonly steps: readonly Step[];
}

type Step =
  | Exclude<RequestOp["request"], undefined | { case: "requestTxn" }>
  | { case: "plan"; value: Plan }
  | undefined;

function* planOf(engine: ReadableEngine, request: TxnRequest): Steps<Plan> {
  let succeeded = true;
  for (const compare of request.compare) succeeded &&= yield* holds(engine.store, compare);
  const steps: Step[] = [];
  for (const { request: op } of succeeded ? request.success : request.failure) {
    steps.push(op?.case === "requestTxn" ? { case: "plan", value: yield* planOf(engine, op.value) } : op);
  }
  return { succeeded, steps };
}

function check(engine: ReadableEngine, plan: Plan): void {
  for (const step of plan.steps) {
    if (step?.case === "requestRange") checkRevision(engine, Number(step.value.revision));
    else if (step?.case === "requestPut") checkPut(engine, engine.store, step.value);
    else if (step?.case === "plan") check(engine, step.value);
  }
}

function checkRevision({ store }: ReadableEngine, revision: number): void {
  if (revision === 0) return;
  if (revision > store.revision) throw new FutureRevisionError();
  if (revision < store.compactRevision) throw new CompactedError();
}

function* execute(txn: WriteTxn, committed: ReadView, plan: Plan): Steps<TxnResponse> {
  const responses: ResponseOp[] = [];
  for (const step of plan.steps) {
    let response: ResponseOp["response"];
    if (step?.case === "plan") {
      response = { case: "responseTxn", value: yield* execute(txn, committed, step.value) };
    } else if (step?.case === "requestDeleteRange") {
      response = { case: "responseDeleteRange", value: yield* deleteRangeIn(txn, step.value) };
    } else if (step?.case === "requestPut") {
      response = { case: "responsePut", value: putIn(txn, committed, step.value) };
    } else if (step?.case === "requestRange") {
      response = { case: "responseRange", value: yield* rangeIn(txn, step.value) };
    }
    responses.push({ response });
  }
  // Only the outermost header gets a revision.
  return { header: headerAt(0), succeeded: plan.succeeded, responses };
}

/** True if the condition holds for every key of its range. Go: applyCompares in txn.go */
function* holds(store: ReadableEngine["store"], compare: Compare): Steps<boolean> {
  const { target } = compare;
  let isTrue = true;
  const found = yield* store.visit(compare.key, endOf(compare.rangeEnd), (records, id) => {
    isTrue = matches(compare, fieldOf(records, id, target));
    return isTrue;
  });
  // A missing key has revisions, version and lease 0. It has no value, not even an empty one.
  return found > 0 ? isTrue : target !== Target.VALUE && matches(compare, 0n);
}

/** Undefined for a target that etcd does not know: it compares nothing. */
function fieldOf(records: Records, id: number, target: Target): bigint | Uint8Array | undefined {
  switch (target) {
    case Target.VALUE:
      return records.value(id);
    case Target.CREATE:
      return BigInt(records.createRevision(id));
    case Target.MOD:
      return BigInt(records.main(id));
    case Target.VERSION:
      return BigInt(records.version(id));
    case Target.LEASE:
      return records.lease(id);
    default:
      return undefined;
  }
}

function matches(compare: Compare, field: bigint | Uint8Array | undefined): boolean {
  const order = orderOf(compare, field);
  switch (compare.result) {
    case Result.EQUAL:
      return order === 0;
    case Result.NOT_EQUAL:
      return order !== 0;
    case Result.GREATER:
      return order > 0;
    case Result.LESS:
      return order < 0;
    default:
      return true;
  }
}

/** A value for another target than the named one counts as zero. */
function orderOf({ target, targetUnion: given }: Compare, field: bigint | Uint8Array | undefined): number {
  if (field === undefined) return 0;
  const wanted = given !== undefined && given.case === unionCases[target] ? given.value : undefined;
  if (typeof field === "bigint") return compareInt64(field, typeof wanted === "bigint" ? wanted : 0n);
  return Buffer.compare(field, wanted instanceof Uint8Array ? wanted : emptyBytes);
}

const unionCases: Readonly<Record<number, NonNullable<Compare["targetUnion"]>["case"]>> = {
  [Target.VALUE]: "value",
  [Target.CREATE]: "createRevision",
  [Target.MOD]: "modRevision",
  [Target.VERSION]: "version",
  [Target.LEASE]: "lease",
};

export function applyPut(engine: WritableEngine, request: PutRequest): PutResponse {
  checkPut(engine, engine.store, request);
  const txn = engine.store.write();
  const response = putIn(txn, engine.store, request);
  txn.end();
  return response;
}

/** Throws LeaseNotFoundError or KeyNotFoundError. `view` is the store before the write. */
export function checkPut({ lessor }: ReadableEngine, view: ReadView, request: PutRequest): void {
  if (request.lease !== 0n && !lessor.has(request.lease)) throw new LeaseNotFoundError();
  if ((request.ignoreValue || request.ignoreLease) && current(view, request.key) === undefined) {
    throw new KeyNotFoundError();
  }
}

/** `committed` is the store before the transaction. */
export function putIn(txn: WriteTxn, committed: ReadView, request: PutRequest): PutResponse {
  const { key, ignoreValue, ignoreLease, prevKv } = request;
  const keepsOld = ignoreValue || ignoreLease;
  const before = keepsOld || prevKv ? current(txn, key) : undefined;
  // A delete earlier in the transaction may have removed the key. etcd panics here.
  const old = before ?? (keepsOld ? current(committed, key) : undefined);
  const value = ignoreValue ? old?.value : request.value;
  const lease = ignoreLease ? old?.lease : request.lease;
  const revision = txn.put(key, value ?? emptyBytes, lease ?? 0n);
  return { header: headerAt(revision), prevKv: prevKv ? before : undefined };
}

function current(view: ReadView, key: Uint8Array): KeyValue | undefined {
  return view.range(key, undefined).kvs[0];
}

export function* applyDeleteRange(
  { store }: Pick<WritableEngine, "store">,
  request: DeleteRangeRequest,
): Steps<DeleteRangeResponse> {
  const txn = store.write();
  const response = yield* deleteRangeIn(txn, request);
  txn.end();
  return response;
}

function* deleteRangeIn(txn: WriteTxn, request: DeleteRangeRequest): Steps<DeleteRangeResponse> {
  const end = endOf(request.rangeEnd);
  const prevKvs = request.prevKv ? keyValuesOf((yield* txn.find(request.key, end)).records) : [];
  const { deleted, revision } = yield* txn.deleteRange(request.key, end);
  return { header: headerAt(revision), deleted: BigInt(deleted), prevKvs };
}
