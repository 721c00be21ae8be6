// The members of the cluster: requests under /v2/members and what comes back. Answers to client/members.go and to the
// checks of peer URLs in pkg/types.
import { jsonString } from "../../go/quote";
import { decodeJson, list, struct, text, texts, type Decoded } from "../decode-json";
import type { Action, Answer, ClusterClient } from "../http/cluster-client";
import { joinPath, parseUrl, urlText, type GoUrl } from "../http/go-url";
import type { HttpRequest } from "../http/round-trip";
import { ApiError, apiError, assertStatus, readBody } from "./api-error";

const member = struct("Member", { id: text, name: text, peerURLs: texts, clientURLs: texts });
const members = struct(
  "",
  { members: list(member, "[]client.Member") },
  "struct { Members []client.Member }",
);
const failure = struct("membersError", { message: text });
export type Member = Decoded<typeof member>;

export class MembersApi {
  constructor(private readonly client: ClusterClient) {}

  async list(signal: AbortSignal): Promise<readonly Member[]> {
    const answer = await this.client.do(action("GET"), signal);
    assertStatus(answer, 200);
    return readBody(answer, (body) => decodeJson(members, body)).members ?? [];
  }

  async leader(signal: AbortSignal): Promise<Member> {
    const answer = await this.client.do(action("GET", "leader"), signal);
    assertStatus(answer, 200);
    return readBody(answer, (body) => decodeJson(member, body));
  }

  async add(peerUrl: string, signal: AbortSignal): Promise<Member> {
    const answer = await this.client.do(action("POST", "", [peerUrl]), signal);
    assertStatus(answer, 201, 409);
    if (answer.status !== 201) throw serverFailure(answer);
    return readBody(answer, (body) => decodeJson(member, body));
  }

  async update(id: string, peerUrls: readonly string[], signal: AbortSignal): Promise<void> {
    const answer = await this.client.do(action("PUT", id, peerUrls), signal);
    assertStatus(answer, 204, 404, 409);
    if (answer.status !== 204) throw serverFailure(answer);
  }

  async remove(id: string, signal: AbortSignal): Promise<void> {
    assertStatus(await this.client.do(action("DELETE", id), signal), 204, 410);
  }
}

/** Throws for peer URLs that are none. */
function action(method: string, name = "", peerUrls?: readonly string[]): Action {
  const urls = peerUrls && checkPeerUrls(peerUrls);
  const rest: Partial<HttpRequest> = urls
    ? {
        headers: { "Content-Type": "application/json" },
        body: `{"peerURLs":[${urls.map(jsonString).join(",")}]}`,
      }
    : {};
  return {
    request: (at: GoUrl) => ({
      method,
      url: { ...at, path: joinPath(at.path, "/v2/members", name), query: "" },
      ...rest,
    }),
  };
}

function checkPeerUrls(typed: readonly string[]): string[] {
  const urls = typed.map((each) => {
    const trimmed = each.trim();
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

function serverFailure(answer: Answer): ApiError {
  return apiError(answer, readBody(answer, (body) => decodeJson(failure, body)).message);
}
