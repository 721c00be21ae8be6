import { EtcdError, StatusCode } from "../../src/errors";
import { serverError } from "../../src/etcd/error-table";
import { KVService, LeaseService } from "../../src/proto/gen/etcdserverpb";
import { isSafeToRepeat, pauseBeforeMs } from "../../src/transport/retry";

const lost = new EtcdError(StatusCode.Unavailable, "error reading from server: EOF", false);

describe("Go's retry rules", () => {
  it("repeat a read that found no leader, or lost its connection", () => {
    expect(isSafeToRepeat(KVService.range, serverError("noLeader"), 1)).toBe(true);
    expect(isSafeToRepeat(KVService.range, lost, 1)).toBe(true);
  });

  it("repeat no read that the server has judged", () => {
    expect(isSafeToRepeat(KVService.range, serverError("compacted"), 3)).toBe(false);
  });

  it("repeat no write, since it may have been applied", () => {
    for (const method of [KVService.put, KVService.deleteRange, KVService.txn, KVService.compact]) {
      expect(isSafeToRepeat(method, lost, 3)).toBe(false);
    }
    expect(isSafeToRepeat(KVService.put, serverError("timeout"), 3)).toBe(false);
  });

  it("count lease grant and revoke among the repeatable", () => {
    expect(isSafeToRepeat(LeaseService.leaseGrant, lost, 1)).toBe(true);
    expect(isSafeToRepeat(LeaseService.leaseRevoke, lost, 1)).toBe(true);
  });

  it("ask another member when a learner refuses, if there is another", () => {
    expect(isSafeToRepeat(KVService.put, serverError("notSupportedForLearner"), 2)).toBe(true);
    expect(isSafeToRepeat(KVService.put, serverError("notSupportedForLearner"), 1)).toBe(false);
  });

  it("pause after each quorum of attempts", () => {
    expect(pauseBeforeMs(1, 1)).toBeGreaterThan(20);
    expect(pauseBeforeMs(1, 3)).toBe(0);
    expect(pauseBeforeMs(2, 3)).toBeGreaterThan(20);
  });
});
