// Requests under /v2/members. Go (etcd 3.4): client/members.go, pkg/types/urls.go
import { jsonString } from "../../go/quote";
import { decodeJson, list, struct, string, strings, type Decoded } from "../../go/decode-json";
import type { Action, MemberResponse, ClusterClient } from "../http/cluster-client";
import { joinPath, parseUrl, urlText, type GoUrl } from "../http/go-url";
import type { HttpRequest } from "../http/round-trip";
import { ApiError, apiError, assertStatus, readBody } from "./api-error";

const member = struct("Member", { id: string, name: string, peerURLs: strings, clientURLs: strings });
const memberList = struct(
  "",
  { members: list(member, "[]client.Member") },
  "struct { Members []client.Member }",
);
const membersError = struct("membersError", { message: string });
export type Member = Decoded<typeof member>;

export class MembersApi {
  constructor(private readonly client: ClusterClient) {}

  async list(signal: AbortSignal): Promise<readonly Member[]> {
    const response = await this.client.do(action("GET"), signal);
    assertStatus(response, 200);
    return readBody(response, (body) => decodeJson(memberList, body)).members ?? [];
  }

  async leader(signal: AbortSignal): Promise<Member> {
    const response = await this.client.do(action("GET", "leader"), signal);
    assertStatus(response, 200);
    return readBody(response, (body) => decodeJson(member, body));
  }

  async add(peerUrl: string, signal: AbortSignal): Promise<Member> {
    const response = await this.client.do(action("POST", "", [peerUrl]), signal);
    assertStatus(response, 201, 409);
    if (response.status !== 201) throw readError(response);
    return readBody(response, (body) => decodeJson(member, body));
  }

  async update(id: string, peerUrls: readonly string[], signal: AbortSignal): Promise<void> {
    const response = await this.client.do(action("PUT", id, peerUrls), signal);
    assertStatus(response, 204, 404, 409);
    if (response.status !== 204) throw readError(response);
  }

  async remove(id: string, signal: AbortSignal): Promise<void> {
    assertStatus(await this.client.do(action("DELETE", id), signal), 204, 410);
  }
}

/** Throws ApiError for an invalid peer URL. */
function action(method: string, name = "", peerUrls?: readonly string[]): Action {
  const urls = peerUrls && parsePeerUrls(peerUrls);
  const rest: Partial<HttpRequest> = urls
    ? {
        headers: { "Content-Type": "application/json" },
        body: `{"peerURLs":[${urls.map(jsonString).join(",")}]}`,
      }
    : {};
  return {
    request: (endpoint: GoUrl) => ({
      method,
      url: { ...endpoint, path: joinPath(endpoint.path, "/v2/members", name), query: "" },
      ...rest,
    }),
  };
}

function parsePeerUrls(texts: readonly string[]): string[] {
  const urls = texts.map((text) => {
    const trimmed = text.trim();
    const url = parseUrl(trimmed);
    if (!/^(http|unix)s?$/.test(url.scheme)) {
      throw new ApiError(`URL scheme must be http, https, unix, or unixs: ${trimmed}`);
    }
    if (!/^([^:[\]]*|\[[^[\]]*\]):[^:]*$/.test(url.host)) {
      throw new ApiError(`URL address does not have the form "host:port": ${trimmed}`);
    }
    if (url.path !== "") throw new ApiError(`URL must not contain a path: ${trimmed}`);
    return urlText(url);
  });
  return urls.sort();
}

function readError(response: MemberResponse): ApiError {
  return apiError(response, readBody(response, (body) => decodeJson(membersError, body)).message);
}
