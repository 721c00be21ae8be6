// One description of what an etcd server does. It runs on the embedded server (in process, over TCP, over TLS) and on real
// etcd 3.4 and 3.5, so that the embedded server cannot differ from etcd.
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
  describe("errors", () => errorBehaviour(runner));
}
