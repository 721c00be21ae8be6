// What applying a request may refuse beyond the errors of the store (mvcc/kv.ts) and the lessor (lease/errors.ts).
// Answers to etcd's server/etcdserver/errors.

/** ignore_value or ignore_lease for a key that does not exist. */
export class KeyNotFoundError extends Error {
  override name = "KeyNotFoundError";
  constructor() {
    super("etcdserver: key not found");
  }
}
