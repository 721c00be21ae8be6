// The simple format: what people and shell scripts read. Keys and values are written as they are, or byte by byte
// as \xNN with --hex; a range costs no string per key.
// Answers to etcdctl's printer_simple.go.
import { ResponseOp, type TxnResponse } from "../proto/gen/etcdserverpb";
import { Event_EventType, KeyValue } from "../proto/gen/mvccpb";
import { enumName } from "../proto/message";
import { ByteBuilder } from "./byte-builder";
import { hexLeaseId } from "./ids";
import { keyTreePrinter } from "./key-tree";
import { messageText } from "./message-text";
import type { Printer } from "./printer";
import { endpointHashKVRows, endpointStatusRows, tookText, type Rows } from "./rows";
import { simpleAuth } from "./simple-auth";
import { simpleCluster } from "./simple-cluster";
import { line, lines } from "./simple-lines";
import { beside, checkRangeOptions } from "./unsupported";

const NEWLINE = 0x0a;
const nothing = new Uint8Array(0);

export function simplePrinter(hex: boolean): Printer {
  const bytes = hex
    ? (out: ByteBuilder, value: Uint8Array) => out.hexEscapes(value).byte(NEWLINE)
    : (out: ByteBuilder, value: Uint8Array) => out.bytes(value).byte(NEWLINE);

  function keyValues(out: ByteBuilder, kvs: readonly KeyValue[]): ByteBuilder {
    for (const { key, value } of kvs) {
      bytes(out, key);
      bytes(out, value);
    }
    return out;
  }

  function put(out: ByteBuilder, prevKv: KeyValue | undefined): ByteBuilder {
    return keyValues(out.ascii("OK\n"), prevKv === undefined ? [] : [prevKv]);
  }

  function del(out: ByteBuilder, deleted: bigint, prevKvs: readonly KeyValue[]): ByteBuilder {
    return keyValues(out.int(deleted).byte(NEWLINE), prevKvs);
  }

  function txn(out: ByteBuilder, { succeeded, responses }: TxnResponse): ByteBuilder {
    out.ascii(succeeded ? "SUCCESS\n" : "FAILURE\n");
    for (const operation of responses) operationResponse(out.byte(NEWLINE), operation);
    return out;
  }

  /** Go has no form for a nested transaction: its own commands cannot ask for one. */
  function operationResponse(out: ByteBuilder, operation: ResponseOp): ByteBuilder {
    const { response } = operation;
    switch (response?.case) {
      case "responseRange":
        return keyValues(out, response.value.kvs);
      case "responsePut":
        return put(out, response.value.prevKv);
      case "responseDeleteRange":
        return del(out, response.value.deleted, response.value.prevKvs);
      default:
        return out.text(`unexpected response ${messageText(ResponseOp, operation)}\n`);
    }
  }

  return {
    put: (r) => put(new ByteBuilder(), r.prevKv).take(),
    del: (r) => del(new ByteBuilder(), r.deleted, r.prevKvs).take(),
    txn: (r) => txn(new ByteBuilder(), r).take(),

    range(options) {
      checkRangeOptions("simple", options);
      if (options.tree !== undefined) return keyTreePrinter(options.tree);
      const out = new ByteBuilder();
      return {
        begin: () => nothing,
        kvs(kvs) {
          if (!options.valueOnly) return keyValues(out, kvs).take();
          for (const { value } of kvs) bytes(out, value);
          return out.take();
        },
        end: ({ count }) => (options.countOnly ? line(String(count)) : nothing),
      };
    },

    leaseGrant: (r) => line(`lease ${hexLeaseId(r.ID)} granted with TTL(${r.TTL}s)`),
    leaseRevoke: (id) => line(`lease ${hexLeaseId(id)} revoked`),
    leaseKeepAlive: (r) => line(`lease ${hexLeaseId(r.ID)} keepalived with TTL(${r.TTL})`),
    leaseExpired: (id) => line(`lease ${hexLeaseId(id)} expired or revoked.`),
    leaseTimeToLive({ ID, TTL, grantedTTL, keys }, showKeys) {
      const lease = `lease ${hexLeaseId(ID)}`;
      if (grantedTTL === 0n && TTL === -1n) return line(`${lease} already expired`);
      const out = new ByteBuilder().ascii(`${lease} granted with TTL(${grantedTTL}s), remaining(${TTL}s)`);
      if (showKeys) {
        out.ascii(", attached keys([");
        keys.forEach((key, i) => (i === 0 ? out : out.ascii(" ")).bytes(key));
        out.ascii("])");
      }
      return out.byte(NEWLINE).take();
    },
    leaseLeases(r) {
      const out = new ByteBuilder().ascii(`found ${r.leases.length} leases\n`);
      for (const { ID } of r.leases) out.ascii(`${hexLeaseId(ID)}\n`);
      return out.take();
    },

    ...beside,
    watch({ events }) {
      const out = new ByteBuilder();
      for (const { type, kv, prevKv } of events) {
        out.ascii(`${enumName(Event_EventType, type)}\n`);
        if (prevKv !== undefined) keyValues(out, [prevKv]);
        keyValues(out, [kv ?? KeyValue.create()]);
      }
      return out.take();
    },

    ...simpleCluster,
    ...simpleAuth,

    endpointHealth: (rows) =>
      lines(
        rows.filter(({ error }) => error === ""),
        (row) => `${row.endpoint} is healthy: successfully committed proposal: took = ${tookText(row)}`,
      ),
    endpointHealthErrors: (rows) =>
      lines(
        rows.filter(({ error }) => error !== ""),
        ({ endpoint, error }) => `${endpoint} is unhealthy: failed to commit proposal: ${error}`,
      ),
    endpointStatus: (rows) => joined(endpointStatusRows(rows)),
    endpointHashKV: (rows) => joined(endpointHashKVRows(rows)),
  };
}

function joined({ body }: Rows): Uint8Array {
  return lines(body, (cells) => cells.join(", "));
}
