// /v2/members and /v2/machines. Go (etcd 3.4): membersHandler in etcdserver/api/v2http/client.go, httptypes/member.go
import { decodeJson, struct, strings } from "../../../go/decode-json";
import { jsonString } from "../../../go/quote";
import { parseUint64 } from "../../../go/strconv";
import { isServerError } from "../../../etcd/error-table";
import type { StoredMember } from "../../../storage/contents";
import { parseUrls } from "../../cluster/urls";
import type { EtcdServer } from "../../member/etcd-server";
import { clusterHandlers } from "../../rpc/cluster";
import type { HttpResponse } from "../go-server";
import type { V2Auth } from "./auth-store";
import {
  HttpError,
  insufficientCredentials,
  json,
  methodRefusal,
  noContent,
  plainError,
  type V2Request,
} from "./exchange";
import { mayChangeCluster } from "./permissions";

const membersPrefix = "/v2/members";

export function serveMachines(server: EtcdServer, { method }: V2Request): HttpResponse {
  const refusal = methodRefusal(method, "GET", "HEAD");
  if (refusal !== undefined) return refusal;
  const urls = server.membership.members.flatMap(({ clientURLs }) => clientURLs);
  const body = [...urls].sort().join(", ");
  return { status: 200, headers: { "Content-Type": "text/plain; charset=utf-8" }, body };
}

export async function serveMembers(
  server: EtcdServer,
  auth: V2Auth,
  request: V2Request,
  headers: HttpResponse["headers"],
): Promise<HttpResponse> {
  const { method } = request;
  const refusal = methodRefusal(method, "GET", "POST", "DELETE", "PUT");
  if (refusal !== undefined) return refusal;
  if (!(await mayChangeCluster(auth, request))) throw insufficientCredentials;
  const name = request.path.slice(membersPrefix.length).replace(/^\//, "");
  if (method === "GET") return getMembers(server, name, headers);
  if (method === "POST") return addMember(server, request, headers);
  if (name === "") return plainError(405, "Method Not Allowed", headers);
  const id = memberId(name);
  const peerURLs = method === "PUT" ? await peerUrlsOf(request) : undefined;
  const isRemoved = server.membership.removed.includes(id);
  if (isRemoved && method === "DELETE") {
    throw new HttpError(410, `Member permanently removed: ${id.toString(16)}`);
  }
  const { memberRemove, memberUpdate } = clusterHandlers(server);
  try {
    if (peerURLs === undefined) await memberRemove?.({ ID: id }, call(request));
    else await memberUpdate?.({ ID: id, peerURLs }, call(request));
  } catch (error) {
    throw refusalOf(error, id);
  }
  return noContent(headers);
}

function getMembers(
  { membership }: EtcdServer,
  name: string,
  headers: HttpResponse["headers"],
): HttpResponse {
  const { members, memberId: self, hasQuorum } = membership;
  if (name === "") return json(`{"members":[${members.map(memberJson).join(",")}]}`, headers);
  if (name !== "leader") throw new HttpError(404, "Not found");
  const leader = members.find(({ id }) => id === self);
  if (!hasQuorum || leader === undefined) throw new HttpError(503, "During election");
  return json(memberJson(leader), headers);
}

async function addMember(
  server: EtcdServer,
  request: V2Request,
  headers: HttpResponse["headers"],
): Promise<HttpResponse> {
  const peerURLs = await peerUrlsOf(request);
  try {
    const added = await clusterHandlers(server).memberAdd?.({ peerURLs, isLearner: false }, call(request));
    const id = added?.member?.ID ?? 0n;
    return json(memberJson({ id, name: "", peerURLs, clientURLs: [], isLearner: false }), headers, 201);
  } catch (error) {
    throw refusalOf(error, 0n);
  }
}

function memberJson({ id, name, peerURLs, clientURLs }: StoredMember): string {
  const list = (urls: readonly string[]) => `[${urls.map(jsonString).join(",")}]`;
  return (
    `{"id":"${id.toString(16)}","name":${jsonString(name)},` +
    `"peerURLs":${list(peerURLs)},"clientURLs":${list(clientURLs)}}`
  );
}

const requestJson = struct("", { peerURLs: strings }, 'struct { PeerURLs []string "json:\\"peerURLs\\"" }');

async function peerUrlsOf(request: V2Request): Promise<string[]> {
  const contentType = request.header("content-type");
  const semicolon = contentType.indexOf(";");
  const type = semicolon < 0 ? contentType : contentType.slice(0, semicolon).toLowerCase().trim();
  if (type !== "application/json") {
    throw new HttpError(415, `Bad Content-Type ${type}, accept application/json`);
  }
  const bytes = await request.body();
  try {
    return parseUrls(decodeJson(requestJson, bytes).peerURLs ?? []).map(({ text }) => text);
  } catch (error) {
    throw new HttpError(400, error instanceof Error ? error.message : String(error));
  }
}

function memberId(text: string): bigint {
  try {
    return parseUint64(text, 16);
  } catch {
    throw new HttpError(404, `No such member: ${text}`);
  }
}

/** The refusals of version 3 that have a status in version 2. Others are internal errors. */
function refusalOf(error: unknown, id: bigint): unknown {
  if (isServerError(error, "memberExist")) return new HttpError(409, "membership: ID exists");
  if (isServerError(error, "peerURLExist")) return new HttpError(409, "membership: peerURL exists");
  if (isServerError(error, "memberNotFound")) {
    return new HttpError(404, `No such member: ${id.toString(16)}`);
  }
  return error;
}

function call({ exchange: { signal } }: V2Request) {
  return { signal, metadata: new Map<string, string>(), requestSizeBytes: 0 };
}
