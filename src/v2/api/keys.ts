// The keys of version 2: requests under /v2/keys and what comes back. Pure but for the client that carries them.
// Answers to client/keys.go; the names of fields in answers are case-sensitive, as its jsoniter has them.
import {
  bool,
  decodeJson,
  int,
  int64,
  list,
  optional,
  struct,
  text,
  uint64,
  type Decoded,
  type Decoder,
} from "../decode-json";
import type { Action, Answer, ClusterClient } from "../http/cluster-client";
import { canonicalPath, encodeQuery, type GoUrl } from "../http/go-url";
import { ApiError, apiError } from "./api-error";

export interface KeyNode {
  readonly key: string;
  readonly dir: boolean;
  readonly value: string;
  readonly nodes: readonly KeyNode[] | null;
  readonly createdIndex: bigint;
  readonly modifiedIndex: bigint;
  /** As the server wrote it; undefined for a key that stays. */
  readonly expiration: string | undefined;
  readonly ttl: bigint;
}

export interface KeyResponse {
  readonly action: string;
  readonly node: KeyNode;
  readonly prevNode: KeyNode | undefined;
  /** The cluster's index, from a header. */
  readonly index: bigint;
}

export interface ReadOptions {
  readonly recursive?: boolean;
  readonly sort?: boolean;
  readonly quorum?: boolean;
}

export interface SetOptions {
  readonly dir?: boolean;
  /** Empty: not asked for. */
  readonly prevValue?: string;
  /** 0: not asked for. */
  readonly prevIndex?: bigint;
  readonly prevExist?: boolean;
  /** In seconds; only more than 0 counts. */
  readonly ttl?: bigint;
}

export interface DeleteOptions {
  readonly dir?: boolean;
  readonly recursive?: boolean;
  readonly prevValue?: string;
  readonly prevIndex?: bigint;
}

const form = { "Content-Type": "application/x-www-form-urlencoded" };

export class KeysApi {
  constructor(private readonly client: ClusterClient) {}

  get(key: string, options: ReadOptions, signal: AbortSignal): Promise<KeyResponse> {
    const query = {
      recursive: String(options.recursive ?? false),
      sorted: String(options.sort ?? false),
      quorum: String(options.quorum ?? false),
    };
    return this.do({ request: (at) => ({ method: "GET", url: keyUrl(at, key, query) }) }, signal);
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
    const request: Action["request"] = (at) => ({
      method: "PUT",
      url: keyUrl(at, key, query),
      headers: form,
      body,
    });
    // A key that must be new would be found by the second try of a first one that succeeded.
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
      { request: (at) => ({ method: "POST", url: keyUrl(at, dir), headers: form, body }) },
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
    const request: Action["request"] = (at) => ({
      method: "DELETE",
      url: keyUrl(at, key, query),
      headers: form,
    });
    return this.do({ request, oneShot: true }, signal);
  }

  /** Events of a key, one after the other, without end. `after` 0: from now on. */
  async *watch(
    key: string,
    options: { readonly after: bigint; readonly recursive: boolean },
    signal: AbortSignal,
  ): AsyncGenerator<KeyResponse> {
    const recursive = String(options.recursive);
    for (let index = options.after > 0n ? options.after + 1n : 0n; ;) {
      const query = { wait: "true", waitIndex: index.toString(), recursive };
      const request: Action["request"] = (at) => ({ method: "GET", url: keyUrl(at, key, query) });
      const answer = await this.client.do({ request, waits: true }, signal);
      if (isSuccess(answer) && answer.body.length === 0) continue; // the server let go: nothing has happened
      const response = readAnswer(answer);
      yield response;
      index = response.node.modifiedIndex + 1n;
    }
  }

  private async do(action: Action, signal: AbortSignal): Promise<KeyResponse> {
    return readAnswer(await this.client.do(action, signal));
  }
}

function keyUrl(at: GoUrl, key: string, query: Readonly<Record<string, string | undefined>> = {}): GoUrl {
  const slash = key === "" || key.startsWith("/") ? "" : "/";
  return { ...at, path: canonicalPath(`${at.path}/v2/keys${slash}${key}`), query: encodeQuery(query) };
}

function indexText(index: bigint | undefined): string | undefined {
  return index === undefined || index === 0n ? undefined : BigInt.asUintN(64, index).toString();
}

/** Through a duration in nanoseconds, as in Go: what does not fit is lost. */
function ttlText(seconds: bigint | undefined): string | undefined {
  const durationNs = BigInt.asIntN(64, (seconds ?? 0n) * 1_000_000_000n);
  return durationNs > 0n ? (durationNs / 1_000_000_000n).toString() : undefined;
}

const time: Decoder<string> = (value, place) => {
  const read = text(value, place);
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(read)) return read;
  throw new Error("no time");
};

const nodeFields = {
  key: text,
  dir: bool,
  value: text,
  createdIndex: uint64,
  modifiedIndex: uint64,
  expiration: optional(time),
  ttl: int64,
};
const node: Decoder<KeyNode> = struct("Node", {
  ...nodeFields,
  nodes: list((value, place) => someNode(value, place), "client.Nodes"),
});

/** Go's client would fall over a node that is not there. */
function someNode(...[value, place]: Parameters<typeof node>): KeyNode {
  if (value === null || value === undefined) throw new Error("no node");
  return node(value, place);
}

const response = struct("Response", { action: text, node: someNode, prevNode: optional(node) });
const failure = struct("Error", { errorCode: int, message: text, cause: text, index: uint64 });

function isSuccess({ status }: Answer): boolean {
  return status === 200 || status === 201;
}

function readAnswer(answer: Answer): KeyResponse {
  if (!isSuccess(answer)) throw readFailure(answer);
  if (answer.body.length === 0) throw new ApiError("client: response body is empty");
  const read = readJson(answer, () => decodeJson(response, answer.body, { caseSensitive: true }));
  if (read.action === "delete" && !read.prevNode) throw invalidJson(answer);
  const index = answer.header("x-etcd-index");
  return { ...read, index: /^\d{1,20}$/.test(index) ? BigInt.asUintN(64, BigInt(index)) : 0n };
}

function readFailure(answer: Answer): ApiError {
  const error: Decoded<typeof failure> = readJson(answer, () => decodeJson(failure, answer.body));
  return apiError(answer, `${error.errorCode}: ${error.message} (${error.cause}) [${error.index}]`);
}

function readJson<T>(answer: Answer, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw invalidJson(answer, cause);
  }
}

function invalidJson(answer: Answer, cause?: unknown): ApiError {
  const text = "client: response is invalid json. The endpoint is probably not valid etcd cluster endpoint";
  return apiError(answer, text, cause);
}
