import { isWrite, methodRules, rulesOf } from "../../src/etcd/methods";
import * as etcdserverpb from "../../src/proto/gen/etcdserverpb";
import * as v3electionpb from "../../src/proto/gen/v3electionpb";
import * as v3lockpb from "../../src/proto/gen/v3lockpb";
import type { ServiceDescription } from "../../src/proto/message";

const { AlarmRequest, AlarmRequest_AlarmAction, KVService, MaintenanceService, TxnRequest } = etcdserverpb;

const services = Object.entries({ ...etcdserverpb, ...v3electionpb, ...v3lockpb })
  .filter(([name]) => name.endsWith("Service"))
  .map(([, service]) => service as ServiceDescription);
const methods = services.flatMap((service) => Object.values(service));

test("every method of every service has rules, and nothing else has", () => {
  expect(services).toHaveLength(8);
  expect(Object.keys(methodRules).sort()).toEqual(methods.map(({ path }) => path).sort());
});

test("only calls that are repeatable and cannot write may be sent to two members at once", () => {
  for (const { effect, repeatable, hedged } of Object.values(methodRules)) {
    if (hedged) expect({ effect, repeatable }).toEqual({ effect: "read", repeatable: true });
  }
});

test("only unary calls are hedged, and streams of requests are never repeated", () => {
  for (const method of methods) {
    if (method.kind !== "unary") expect(rulesOf(method).hedged).toBe(false);
    if (method.kind === "duplex") expect(rulesOf(method).repeatable).toBe(false);
  }
});

test("a method that etcd does not have counts as a write that is not repeated", () => {
  const unknown = { ...KVService.range, path: "/example.Service/Call" };
  expect(rulesOf(unknown)).toEqual({ effect: "write", repeatable: false, hedged: false });
});

test("a transaction writes unless all its operations are ranges", () => {
  const range = { request: { case: "requestRange" as const, value: etcdserverpb.RangeRequest.create() } };
  const put = { request: { case: "requestPut" as const, value: etcdserverpb.PutRequest.create() } };
  const nested = { request: { case: "requestTxn" as const, value: TxnRequest.create({ success: [range] }) } };
  const writes = (success: etcdserverpb.RequestOp[], failure: etcdserverpb.RequestOp[] = []) =>
    isWrite(KVService.txn, TxnRequest.create({ success, failure }));
  expect(writes([])).toBe(false);
  expect(writes([range], [range])).toBe(false);
  expect(writes([range], [put])).toBe(true);
  expect(writes([nested])).toBe(true);
});

test("listing alarms does not write, but raising or clearing one does", () => {
  const { GET, ACTIVATE, DEACTIVATE } = AlarmRequest_AlarmAction;
  const writes = [GET, ACTIVATE, DEACTIVATE].map((action) =>
    isWrite(MaintenanceService.alarm, AlarmRequest.create({ action })),
  );
  expect(writes).toEqual([false, true, true]);
});
