// One description of what an etcd server does, held against every server we speak of: our own, in process, over TCP and
// over TLS, and real etcd of every version that is packaged. A sentence that fails on one of them is wrong on ours.
import type { Runner } from "./runner";
import { authBehaviour } from "./suite/auth";
import { compactionBehaviour } from "./suite/compaction";
import { errorBehaviour } from "./suite/errors";
import { kvBehaviour } from "./suite/kv";
import { leaseBehaviour } from "./suite/lease";
import { lockBehaviour } from "./suite/locks";
import { maintenanceBehaviour } from "./suite/maintenance";
import { rangeBehaviour } from "./suite/ranges";
import { txnBehaviour } from "./suite/txn";
import { watchBehaviour } from "./suite/watch";

export function behavesAsEtcd(runner: Runner): void {
  describe("keys", () => kvBehaviour(runner));
  describe("ranges", () => rangeBehaviour(runner));
  describe("transactions", () => txnBehaviour(runner));
  describe("compaction", () => compactionBehaviour(runner));
  describe("watch", () => watchBehaviour(runner));
  describe("leases", () => leaseBehaviour(runner));
  describe("maintenance", () => maintenanceBehaviour(runner));
  describe("locks and elections", () => lockBehaviour(runner));
  describe("auth", () => authBehaviour(runner));
  describe("refusals", () => errorBehaviour(runner));
}
