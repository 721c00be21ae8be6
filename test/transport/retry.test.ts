import { EtcdError, StatusCode } from "../../src/errors";
import { serverError } from "../../src/etcd/error-table";
import { KVService, LeaseService } from "../../src/proto/gen/etcdserverpb";
import { isSafeToRepeat, pauseBeforeMs } from "../../src/transport/retry";

const lost = new EtcdError(StatusCode.Unavailable, "error reading from server: EOF", false);

describe("the retry rules", () => {
  test("repeat a read that found no leader or lost its connection", () => {
    expect(isSafeToRepeat(KVService.range, serverError("noLeader"), 1)).toBe(true);
    expect(isSafeToRepeat(KVService.range, lost, 1)).toBe(true);
  });

  test("do not repeat a read that the server has refused", () => {
    expect(isSafeToRepeat(KVService.range, serverError("compacted"), 3)).toBe(false);
  });

  test("do not repeat a write, because it may have been applied", () => {
    for (const method of [KVService.put, KVService.deleteRange, KVService.txn, KVService.compact]) {
      expect(isSafeToRepeat(method, lost, 3)).toBe(false);
    }
    expect(isSafeToRepeat(KVService.put, serverError("timeout"), 3)).toBe(false);
  });

  test("repeat the grant and the revocation of a lease, as in Go", () => {
    expect(isSafeToRepeat(LeaseService.leaseGrant, lost, 1)).toBe(true);
    expect(isSafeToRepeat(LeaseService.leaseRevoke, lost, 1)).toBe(true);
  });

  test("use another member when a learner refuses, if there is one", () => {
    expect(isSafeToRepeat(KVService.put, serverError("notSupportedForLearner"), 2)).toBe(true);
    expect(isSafeToRepeat(KVService.put, serverError("notSupportedForLearner"), 1)).toBe(false);
  });

  test("pause after each quorum of failed attempts", () => {
    expect(pauseBeforeMs(1, 1)).toBeGreaterThan(20);
    expect(pauseBeforeMs(1, 3)).toBe(0);
    expect(pauseBeforeMs(2, 3)).toBeGreaterThan(20);
  });
});
