// A request of version 2, as the raft log holds it, applied to the store.
// Go (etcd 3.4): etcdserver/apply_v2.go
import type { Request } from "../../proto/gen/etcdserverpb";
import type { StoreEvent } from "./event";
import type { Comparison, Lifetime, V2Store } from "./store";

/** Undefined for SYNC, which has no response. Throws V2Error. */
export function applyV2Request(store: V2Store, request: Request): StoreEvent | undefined {
  const { Method, Path = "", Val = "", Dir = false, Recursive = false } = request;
  switch (Method) {
    case "POST":
      return store.create(Path, Dir, Val, true, lifetimeOf(request));
    case "PUT":
      return put(store, request);
    case "DELETE": {
      const comparison = comparisonOf(request);
      return comparison === undefined
        ? store.delete(Path, Dir, Recursive)
        : store.compareAndDelete(Path, comparison);
    }
    case "QGET":
      return store.get(Path, Recursive, request.Sorted ?? false);
    case "SYNC":
      return void store.deleteExpired(request.Time ?? 0n);
    default:
      throw new Error("etcdserver: unknown method");
  }
}

function put(store: V2Store, request: Request): StoreEvent {
  const { Path = "", Val = "", Dir = false, PrevExist } = request;
  const lifetime = lifetimeOf(request);
  const comparison = comparisonOf(request);
  if (PrevExist === false) return store.create(Path, Dir, Val, false, lifetime);
  if (comparison !== undefined) return store.compareAndSwap(Path, comparison, Val, lifetime);
  if (PrevExist === true) return store.update(Path, Val, lifetime);
  return store.set(Path, Dir, Val, lifetime);
}

function comparisonOf({ PrevValue = "", PrevIndex = 0n }: Request): Comparison | undefined {
  return PrevValue === "" && PrevIndex === 0n ? undefined : { prevValue: PrevValue, prevIndex: PrevIndex };
}

function lifetimeOf({ Expiration = 0n, Refresh = false }: Request): Lifetime {
  return { expiresAtNs: Expiration === 0n ? undefined : Expiration, refresh: Refresh };
}
