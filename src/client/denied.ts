// Says which permission a refused call needs: the server says only "permission denied".
import { EtcdError } from "../errors";
import { isServerError } from "../etcd/error-table";
import { isOpenRangeEnd, prefixEnd } from "../etcd/keys";
import { quote } from "../go/quote";
import type { DeleteRangeRequest, PutRequest, RangeRequest, TxnRequest } from "../proto/gen/etcdserverpb";
import type { Method } from "../proto/message";
import type { CallOptions, Transport } from "../transport/transport";

/** A transport whose errors about permissions have a hint. */
export function withDenialHints(transport: Transport): Transport {
  return {
    unary: <I, O>(method: Method<I, O, "unary">, request: I, options: CallOptions) =>
      transport.unary(method, request, options).catch((error: unknown) => {
        throw explained(error, method.path, request);
      }),
    async *serverStream<I, O>(method: Method<I, O, "serverStream">, request: I, options: CallOptions) {
      try {
        yield* transport.serverStream(method, request, options);
      } catch (error) {
        throw explained(error, method.path, request);
      }
    },
    duplex: (method, requests, options) => transport.duplex(method, requests, options),
    close: () => transport.close(),
  };
}

function explained(error: unknown, path: string, request: unknown): unknown {
  if (!(error instanceof EtcdError) || !isServerError(error, "permissionDenied")) return error;
  const hints = [...error.hints, ...neededFor(path, request)];
  return new EtcdError(error.code, error.desc, error.known, { cause: error, hints });
}

const rpcOf = /([^/]+)\/([^/]+)$/;

function neededFor(path: string, request: unknown): string[] {
  const [, service = "", name = ""] = rpcOf.exec(path) ?? [];
  if (name === "Put") return [needed("write", request as PutRequest)];
  if (name === "DeleteRange") return [needed("write", request as DeleteRangeRequest)];
  if (name === "Range" || name === "RangeStream") return [needed("read", request as RangeRequest)];
  if (name === "Txn") return txnNeeds(request as TxnRequest);
  if (name === "LeaseRevoke")
    return ["revoking a lease needs write permission on all keys that are attached to it"];
  const isForRoot = /Auth$|Maintenance$|Cluster$/.test(service);
  return isForRoot ? ["only a user with the role root may do this"] : [];
}

/** The first three keys: one of them is the one that was refused. */
function txnNeeds({ compare, success, failure }: TxnRequest): string[] {
  const needs = [...success, ...failure].flatMap(({ request }) => {
    if (request?.case === "requestRange") return [needed("read", request.value)];
    if (request?.case === "requestPut" || request?.case === "requestDeleteRange")
      return [needed("write", request.value)];
    return [];
  });
  const all = [...new Set([...compare.map((each) => needed("read", each)), ...needs])];
  return all.length > 3 ? [...all.slice(0, 3), `and so on for ${all.length - 3} more`] : all;
}

/** Which permission a read of this range needs, and how to get it. */
export function neededToRead(range: { readonly key: Uint8Array; readonly rangeEnd: Uint8Array }): string {
  return needed("read", range);
}

function needed(
  permission: "read" | "write",
  { key, rangeEnd }: { readonly key: Uint8Array; readonly rangeEnd?: Uint8Array },
): string {
  const grant = `etcdctl role grant-permission ROLE ${permission} KEY`;
  return `this needs ${permission} permission on ${rangeName(key, rangeEnd)}; root can grant it: ${grant}`;
}

function rangeName(key: Uint8Array, rangeEnd: Uint8Array = new Uint8Array(0)): string {
  if (rangeEnd.length === 0) return `the key ${quote(key)}`;
  if (isOpenRangeEnd(rangeEnd)) return `all keys from ${quote(key)} on`;
  if (Buffer.compare(prefixEnd(key), rangeEnd) === 0)
    return `the keys that begin with ${quote(key)} (--prefix)`;
  return `the keys from ${quote(key)} to ${quote(rangeEnd)}`;
}
