// Transactions: all conditions, nested ones too, are judged before the first write; then the chosen operations are
// checked, and only then carried out, in one revision. So a refused transaction has changed nothing.
// Answers to etcd's server/etcdserver/txn/txn.go.
import type { RequestOp, ResponseOp, TxnRequest, TxnResponse } from "../../proto/gen/etcdserverpb";
import type { ReadView, WriteTxn } from "../mvcc/kv";
import { CompactedError, FutureRevisionError } from "../mvcc/kv";
import { holds } from "./compare";
import { deleteRangeIn } from "./delete-range";
import type { Engine } from "./engine";
import { headerAt } from "./header";
import { checkPut, putIn } from "./put";
import { rangeIn } from "./range";

export function applyTxn(engine: Engine, request: TxnRequest): TxnResponse {
  const plan = planOf(engine, request);
  check(engine, plan);
  const txn = engine.store.write();
  // What throws from here on is a bug: the write stays open and the store refuses all others, rather than keep a half.
  const response = execute(txn, engine.store, plan);
  response.header = headerAt(txn.revision);
  txn.end();
  return response;
}

/** A transaction whose conditions are judged. */
interface Plan {
  readonly succeeded: boolean;
  readonly steps: readonly Step[];
}

type Step =
  | Exclude<RequestOp["request"], undefined | { case: "requestTxn" }>
  | { case: "plan"; value: Plan }
  | undefined;

function planOf(engine: Engine, request: TxnRequest): Plan {
  const succeeded = request.compare.every((compare) => holds(engine.store, compare));
  const steps = (succeeded ? request.success : request.failure).map(({ request: op }): Step =>
    op?.case === "requestTxn" ? { case: "plan", value: planOf(engine, op.value) } : op,
  );
  return { succeeded, steps };
}

function check(engine: Engine, plan: Plan): void {
  for (const step of plan.steps) {
    if (step?.case === "requestRange") checkRevision(engine, Number(step.value.revision));
    else if (step?.case === "requestPut") checkPut(engine, engine.store, step.value);
    else if (step?.case === "plan") check(engine, step.value);
  }
}

function checkRevision({ store }: Engine, revision: number): void {
  if (revision === 0) return;
  if (revision > store.revision) throw new FutureRevisionError();
  if (revision < store.compactRevision) throw new CompactedError();
}

function execute(txn: WriteTxn, committed: ReadView, plan: Plan): TxnResponse {
  const responses = plan.steps.map((step): ResponseOp => ({ response: executeStep(txn, committed, step) }));
  // Only the outermost header gets a revision.
  return { header: headerAt(0), succeeded: plan.succeeded, responses };
}

function executeStep(txn: WriteTxn, committed: ReadView, step: Step): ResponseOp["response"] {
  switch (step?.case) {
    case "requestRange":
      return { case: "responseRange", value: rangeIn(txn, step.value) };
    case "requestPut":
      return { case: "responsePut", value: putIn(txn, committed, step.value) };
    case "requestDeleteRange":
      return { case: "responseDeleteRange", value: deleteRangeIn(txn, step.value) };
    case "plan":
      return { case: "responseTxn", value: execute(txn, committed, step.value) };
    case undefined:
      return undefined;
  }
}
