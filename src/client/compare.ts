// Conditions of transactions on the revision at which a key was last written.
import { Compare, Compare_CompareResult, Compare_CompareTarget } from "../proto/gen/etcdserverpb";
import type { KeyValue } from "../proto/gen/mvccpb";

/** Compares that no key of the range was written after `revision`. Without `rangeEnd` it is one key. */
export function notSince(
  { key, rangeEnd }: { readonly key: Uint8Array; readonly rangeEnd?: Uint8Array },
  revision: bigint,
): Compare {
  return Compare.create({
    key,
    ...(rangeEnd && { rangeEnd }),
    target: Compare_CompareTarget.MOD,
    result: Compare_CompareResult.LESS,
    targetUnion: { case: "modRevision", value: revision + 1n },
  });
}

/** Compares that the key is still the version `before`; undefined: that it does not exist, which is revision 0. */
export function unchangedSince(key: Uint8Array, before: KeyValue | undefined): Compare {
  return Compare.create({
    key,
    target: Compare_CompareTarget.MOD,
    result: Compare_CompareResult.EQUAL,
    targetUnion: { case: "modRevision", value: before?.modRevision ?? 0n },
  });
}
