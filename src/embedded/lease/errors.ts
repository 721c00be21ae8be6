// What the lessor refuses, in etcd's words (server/lease/lessor.go); the RPC layer turns them into server errors.

export class LeaseNotFoundError extends Error {
  override name = "LeaseNotFoundError";
  constructor() {
    super("lease not found");
  }
}

export class LeaseExistsError extends Error {
  override name = "LeaseExistsError";
  constructor() {
    super("lease already exists");
  }
}

export class LeaseTTLTooLargeError extends Error {
  override name = "LeaseTTLTooLargeError";
  constructor() {
    super("too large lease TTL");
  }
}
