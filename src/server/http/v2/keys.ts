// /v2/keys: reads, changes and watches of keys. Go (etcd 3.4): keysHandler in etcdserver/api/v2http/client.go
import { EtcdError } from "../../../errors";
import type { EtcdServer } from "../../member/etcd-server";
import { eventJson, isCreated, type StoreEvent } from "../../v2store/event";
import { ErrorCode, V2Error } from "../../v2store/v2-error";
import type { Watcher } from "../../v2store/watcher-hub";
import { allowAnyOrigin } from "../access";
import type { HttpResponse } from "../go-server";
import type { V2Auth } from "./auth-store";
import { doV2, watchV2 } from "./do";
import { json, jsonContent, methodRefusal, v2Failure, type V2Request } from "./exchange";
import { keysPrefix, parseKeyRequest, storeKeysPrefix, type KeyRequest } from "./key-request";
import { mayUseKey } from "./permissions";

/** Returns undefined when it has written the response itself: a watch. */
export async function serveKeys(
  server: EtcdServer,
  auth: V2Auth,
  request: V2Request,
): Promise<HttpResponse | undefined> {
  const { method, path, query } = request;
  const refusal = methodRefusal(method, "HEAD", "GET", "PUT", "POST", "DELETE");
  if (refusal !== undefined) return refusal;
  const headers = { "X-Etcd-Cluster-Id": server.membership.clusterId.toString(16) };
  try {
    const hasForm = method === "PUT" || method === "POST";
    const body = hasForm
      ? { contentType: request.header("content-type"), bytes: await request.body() }
      : undefined;
    const parsed = parseKeyRequest({ method, path, query, body }, server.clock.now());
    const { Recursive = false } = parsed.request;
    if (!(await mayUseKey(auth, request, path.slice(keysPrefix.length), Recursive))) {
      throw new V2Error(ErrorCode.unauthorized, "Insufficient credentials");
    }
    const { Wait, Quorum } = parsed.request;
    if (Wait === true && Quorum !== true) {
      await streamWatch(server, watchV2(server, parsed.request), parsed, request, headers);
      return undefined;
    }
    return eventResponse(server, await doV2(server, parsed.request), parsed, headers);
  } catch (error) {
    return v2Failure(toV2Error(error), headers, storeKeysPrefix);
  }
}

function eventResponse(
  server: EtcdServer,
  event: StoreEvent,
  { noValueOnSuccess }: KeyRequest,
  headers: HttpResponse["headers"],
): HttpResponse {
  const isChange = ["set", "compareAndSwap", "create", "update"].includes(event.action);
  return json(
    eventJson(event, { trim: storeKeysPrefix, actionOnly: noValueOnSuccess && isChange }),
    { ...headers, ...positionHeaders(server, event.etcdIndex) },
    isCreated(event) ? 201 : 200,
  );
}

function positionHeaders({ raft }: EtcdServer, etcdIndex: number): HttpResponse["headers"] {
  return {
    "X-Etcd-Index": String(etcdIndex),
    "X-Raft-Index": String(raft.index),
    "X-Raft-Term": String(raft.term),
  };
}

/** The headers go out at once, and each event when it happens. */
async function streamWatch(
  server: EtcdServer,
  watcher: Watcher,
  { request }: KeyRequest,
  { exchange }: V2Request,
  headers: HttpResponse["headers"],
): Promise<void> {
  const end = () => watcher.remove();
  exchange.signal.addEventListener("abort", end);
  try {
    exchange.respond(200, {
      ...allowAnyOrigin,
      ...headers,
      ...jsonContent,
      ...positionHeaders(server, watcher.startIndex),
    });
    exchange.flush();
    do {
      const event = await watcher.next();
      if (event === undefined) break;
      await exchange.write(`${eventJson(event, { trim: storeKeysPrefix })}\n`);
    } while (request.Stream === true && !exchange.signal.aborted);
  } finally {
    exchange.signal.removeEventListener("abort", end);
    watcher.remove();
    exchange.end();
  }
}

/** An error outside the store, such as a missing leader, has code 300. */
function toV2Error(error: unknown): V2Error {
  if (error instanceof V2Error) return error;
  if (!(error instanceof EtcdError)) throw error;
  return new V2Error(ErrorCode.raftInternal, error.desc);
}
