// Requests under /v2/keys. JSON field names in responses are case-sensitive, because Go's client uses jsoniter here.
// Go (etcd 3.4): client/keys.go
import { cleanUrlPath } from "../../go/path";
import {
  bool,
  decodeJson,
  int,
  int64,
  list,
  optional,
  struct,
  string,
  uint64,
  type Decoded,
  type Decoder,
} from "../../go/decode-json";
import type { Action, MemberResponse, ClusterClient } from "../http/cluster-client";
import { encodeQuery, type GoUrl } from "../http/go-url";
import { ApiError, apiError } from "./api-error";

export interface KeyNode {
  readonly key: string;
  readonly dir: boolean;
  readonly value: string;
  readonly nodes: readonly KeyNode[] | null;
  readonly createdIndex: bigint;
  readonly modifiedIndex: bigint;
  /** In the server's format. Undefined for a key without TTL. */
  readonly expiration: string | undefined;
  readonly ttl: bigint;
}

export interface KeyResponse {
  readonly action: string;
  readonly node: KeyNode;
  readonly prevNode: KeyNode | undefined;
  /** The cluster's index, from the header X-Etcd-Index. */
  readonly index: bigint;
}

export interface ReadOptions {
  readonly recursive?: boolean;
  readonly sort?: boolean;
  readonly quorum?: boolean;
}

export interface SetOptions {
  readonly dir?: boolean;
  /** Empty: no condition. */
  readonly prevValue?: string;
  /** 0: no condition. */
  readonly prevIndex?: bigint;
  readonly prevExist?: boolean;
  /** In seconds. 0 or less: no TTL. */
  readonly ttl?: bigint;
}

export interface DeleteOptions {
  readonly dir?: boolean;
  readonly recursive?: boolean;
  readonly prevValue?: string;
  readonly prevIndex?: bigint;
}

export interface WatchOptions {
  /** The watch starts with the first event after this index. 0: with the next event. */
  readonly afterIndex: bigint;
  readonly recursive: boolean;
}

const formHeaders = { "Content-Type": "application/x-www-form-urlencoded" };

export class KeysApi {
  constructor(private readonly client: ClusterClient) {}

  get(key: string, options: ReadOptions, signal: AbortSignal): Promise<KeyResponse> {
    const query = {
      recursive: String(options.recursive ?? false),
      sorted: String(options.sort ?? false),
      quorum: String(options.quorum ?? false),
    };
    return this.do({ request: (endpoint) => ({ method: "GET", url: keyUrl(endpoint, key, query) }) }, signal);
  }

  set(
    key: string,
    value: string | Uint8Array,
    options: SetOptions,
    signal: AbortSignal,
  ): Promise<KeyResponse> {
    const { dir, prevValue, prevIndex, prevExist } = options;
    const query = {
      dir: dir ? "true" : undefined,
      prevValue: dir ? undefined : prevValue || undefined,
      prevIndex: indexText(prevIndex),
      prevExist: prevExist === undefined ? undefined : String(prevExist),
    };
    const body = encodeQuery({ value: dir ? undefined : value, ttl: ttlText(options.ttl) });
    const request: Action["request"] = (endpoint) => ({
      method: "PUT",
      url: keyUrl(endpoint, key, query),
      headers: formHeaders,
      body,
    });
    // A retry would find the key that the first try has created.
    return this.do({ request, oneShot: prevExist === false }, signal);
  }

  createInOrder(
    dir: string,
    value: string | Uint8Array,
    options: Pick<SetOptions, "ttl">,
    signal: AbortSignal,
  ): Promise<KeyResponse> {
    const body = encodeQuery({ value, ttl: ttlText(options.ttl) });
    return this.do(
      { request: (endpoint) => ({ method: "POST", url: keyUrl(endpoint, dir), headers: formHeaders, body }) },
      signal,
    );
  }

  delete(key: string, options: DeleteOptions, signal: AbortSignal): Promise<KeyResponse> {
    const query = {
      prevValue: options.prevValue || undefined,
      prevIndex: indexText(options.prevIndex),
      dir: options.dir ? "true" : undefined,
      recursive: options.recursive ? "true" : undefined,
    };
    const request: Action["request"] = (endpoint) => ({
      method: "DELETE",
      url: keyUrl(endpoint, key, query),
      headers: formHeaders,
    });
    return this.do({ request, oneShot: true }, signal);
  }

  /** Yields the events of a key, without end. */
  async *watch(
    key: string,
    { afterIndex, recursive }: WatchOptions,
    signal: AbortSignal,
  ): AsyncGenerator<KeyResponse> {
    for (let waitIndex = afterIndex > 0n ? afterIndex + 1n : 0n; ;) {
      const query = { wait: "true", waitIndex: waitIndex.toString(), recursive: String(recursive) };
      const request: Action["request"] = (endpoint) => ({ method: "GET", url: keyUrl(endpoint, key, query) });
      const response = await this.client.do({ request, isWatch: true }, signal);
      if (isSuccess(response) && response.body.length === 0) continue; // the server ended the wait without an event
      const event = readResponse(response);
      yield event;
      waitIndex = event.node.modifiedIndex + 1n;
    }
  }

  private async do(action: Action, signal: AbortSignal): Promise<KeyResponse> {
    return readResponse(await this.client.do(action, signal));
  }
}

function keyUrl(
  endpoint: GoUrl,
  key: string,
  query: Readonly<Record<string, string | undefined>> = {},
): GoUrl {
  const slash = key === "" || key.startsWith("/") ? "" : "/";
  return {
    ...endpoint,
    path: cleanUrlPath(`${endpoint.path}/v2/keys${slash}${key}`),
    query: encodeQuery(query),
  };
}

function indexText(index: bigint | undefined): string | undefined {
  return index === undefined || index === 0n ? undefined : BigInt.asUintN(64, index).toString();
}

/** Converts through a duration of 64 bits in nanoseconds, as Go does. A larger TTL overflows. */
function ttlText(seconds: bigint | undefined): string | undefined {
  const durationNs = BigInt.asIntN(64, (seconds ?? 0n) * 1_000_000_000n);
  return durationNs > 0n ? (durationNs / 1_000_000_000n).toString() : undefined;
}

const time: Decoder<string> = (json, location) => {
  const text = string(json, location);
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(text)) return text;
  throw new Error("the text is not a time");
};

const nodeFields = {
  key: string,
  dir: bool,
  value: string,
  createdIndex: uint64,
  modifiedIndex: uint64,
  expiration: optional(time),
  ttl: int64,
};
const node: Decoder<KeyNode> = struct("Node", {
  ...nodeFields,
  nodes: list((json, location) => requiredNode(json, location), "client.Nodes"),
});

/** Go's client panics when a node is missing. */
function requiredNode(...[json, location]: Parameters<typeof node>): KeyNode {
  if (json === undefined) throw new Error("the node is missing");
  return node(json, location);
}

const keyResponse = struct("Response", { action: string, node: requiredNode, prevNode: optional(node) });
const keyError = struct("Error", { errorCode: int, message: string, cause: string, index: uint64 });

function isSuccess({ status }: MemberResponse): boolean {
  return status === 200 || status === 201;
}

function readResponse(response: MemberResponse): KeyResponse {
  if (!isSuccess(response)) throw readError(response);
  if (response.body.length === 0) throw new ApiError("client: response body is empty");
  const read = readJson(response, () => decodeJson(keyResponse, response.body, { caseSensitive: true }));
  if (read.action === "delete" && !read.prevNode) throw invalidJson(response);
  const index = response.header("x-etcd-index");
  return { ...read, index: /^\d{1,20}$/.test(index) ? BigInt.asUintN(64, BigInt(index)) : 0n };
}

function readError(response: MemberResponse): ApiError {
  const error: Decoded<typeof keyError> = readJson(response, () => decodeJson(keyError, response.body));
  return apiError(response, `${error.errorCode}: ${error.message} (${error.cause}) [${error.index}]`);
}

function readJson<T>(response: MemberResponse, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw invalidJson(response, cause);
  }
}

function invalidJson(response: MemberResponse, cause?: unknown): ApiError {
  const message =
    "client: response is invalid json. The endpoint is probably not valid etcd cluster endpoint";
  return apiError(response, message, cause);
}
