// The conditions of a transaction. Answers to applyCompares in etcd's server/etcdserver/txn/txn.go.
import type { Compare } from "../../proto/gen/etcdserverpb";
import {
  Compare_CompareResult as Result,
  Compare_CompareTarget as Target,
} from "../../proto/gen/etcdserverpb";
import { KeyValue } from "../../proto/gen/mvccpb";
import { EMPTY_BYTES } from "../../proto/wire";
import { endOf } from "../mvcc/key-bytes";
import type { ReadView } from "../mvcc/kv";
import { compareInt64 } from "./range";

/** True when the condition holds for every key of its range. */
export function holds(view: ReadView, compare: Compare): boolean {
  const { kvs } = view.range(compare.key, endOf(compare.rangeEnd));
  if (kvs.length > 0) return kvs.every((kv) => matches(compare, kv));
  // A missing key has revisions, version and lease 0, but no value, not even an empty one.
  return compare.target !== Target.VALUE && matches(compare, KeyValue.create());
}

function matches(compare: Compare, kv: KeyValue): boolean {
  const order = orderOf(compare, kv);
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

/** A value of another target than the one named counts as zero. */
function orderOf({ target, targetUnion: given }: Compare, kv: KeyValue): number {
  switch (target) {
    case Target.VALUE:
      return Buffer.compare(kv.value, given?.case === "value" ? given.value : EMPTY_BYTES);
    case Target.CREATE:
      return compareInt64(kv.createRevision, given?.case === "createRevision" ? given.value : 0n);
    case Target.MOD:
      return compareInt64(kv.modRevision, given?.case === "modRevision" ? given.value : 0n);
    case Target.VERSION:
      return compareInt64(kv.version, given?.case === "version" ? given.value : 0n);
    case Target.LEASE:
      return compareInt64(kv.lease, given?.case === "lease" ? given.value : 0n);
    default:
      return 0;
  }
}
