// Puts and deletes as transactions for the destination. The writes of one revision of the source stay together where the
// limit on operations allows; revisions that wait anyway share a transaction, but never two writes of one key, so every
// version of a key arrives. Answers to the loop over events in etcdctl's make_mirror_command.go.
import { DeleteRangeRequest, PutRequest, type RequestOp } from "../../proto/gen/etcdserverpb";

export type Write =
  | { readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly key: Uint8Array; readonly value: undefined };

/** What belongs together: the writes of one revision, or of as much of it as one transaction may hold. */
export type Unit = readonly Write[];

/** How many operations etcd takes in a transaction unless it is told otherwise. */
export const defaultMaxTxnOps = 128;
/** Well below the 1.5 MiB that etcd takes in a request. */
const sharedBytes = 1024 * 1024;

/** `maxOps` 0: a revision is never split here. */
export function* batches(revisions: Iterable<Unit>, maxOps: number): Generator<Unit[]> {
  const most = maxOps === 0 ? Infinity : maxOps;
  const mostShared = Math.min(most, defaultMaxTxnOps);
  let batch: Unit[] = [];
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

function split(unit: Unit, most: number): Unit[] {
  if (unit.length <= most) return unit.length === 0 ? [] : [unit];
  const parts: Unit[] = [];
  for (let at = 0; at < unit.length; at += most) parts.push(unit.slice(at, at + most));
  return parts;
}

export function operation({ key, value }: Write): RequestOp {
  return value === undefined
    ? { request: { case: "requestDeleteRange", value: DeleteRangeRequest.create({ key }) } }
    : { request: { case: "requestPut", value: PutRequest.create({ key, value }) } };
}
