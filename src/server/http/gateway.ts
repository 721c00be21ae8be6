// The JSON gateway: POST /v3/kv/range and the like call the same handlers as gRPC. It is loaded with its first request.
// A stream has one line `{"result":…}` for each message.
// Go: server/embed/serve.go with grpc-gateway's runtime
import type { Clock } from "../../clock";
import { EtcdError, StatusCode } from "../../errors";
import { firstJson, isBlank, JsonError } from "../../go/parse-json";
import type { AnyMethod } from "../../proto/message";
import { encode } from "../../proto/message";
import type { TurnBudget } from "../mvcc/turn-budget";
import type { GrpcOptions } from "../grpc/call";
import { wrongBase64 } from "../grpc/call-headers";
import type { LargeRequests } from "../grpc/large-requests";
import { appliedRequests, isLargeRequest } from "../grpc/open-requests";
import { isLarge, prepareLists, sizeInSteps } from "../streams/large-message";
import { statusOf } from "../member/errors";
import { findRoute, type Routes, type ServerCall } from "../rpc/routes";
import { deadlineOf, eachWithin, type Deadline } from "./gateway-deadline";
import { gatewayPaths } from "./gateway-paths";
import { jsonValues, readBody } from "./json-body";
import { jsonPieces } from "./json-pieces";
import { messageFromJson, MessageJsonError } from "./message-json";

/** A request and its response, over HTTP/1, HTTP/2 or a WebSocket. */
export interface Exchange {
  readonly method: string;
  /** As the client wrote it, with the query. */
  readonly target: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Common name of the client's certificate. */
  commonName(): string | undefined;
  readonly body: AsyncIterable<Uint8Array>;
  /** Those of the same connection, if there can be several at a time. */
  readonly largeRequests?: LargeRequests;
  /** The body of a WebSocket ends only when the client leaves: a call of one request begins with the first value. */
  readonly isOpenEnded?: boolean;
  /** Aborted when the client disconnects. */
  readonly signal: AbortSignal;
  respond(status: number, headers: Readonly<Record<string, string>>): void;
  /** Sends the headers before there is a body. */
  flush(): void;
  /** Resolves when the connection accepts more. */
  write(text: string): Promise<void>;
  end(): void;
}

const json = { "content-type": "application/json" };
const grpcJson = { ...json, "grpc-metadata-content-type": "application/grpc" };

export interface GatewayOptions {
  readonly routes: Routes;
  readonly maxBodyBytes: number;
  /** Large responses are written over several turns. */
  readonly turn: TurnBudget;
  /** Receives the bytes that the messages have over gRPC: etcd's gateway is a client of its gRPC port. */
  readonly traffic: GrpcOptions["traffic"];
  readonly deadlineClock: Clock;
}

export async function serveGateway(
  options: GatewayOptions,
  exchange: Exchange,
  extraHeaders: Readonly<Record<string, string>>,
): Promise<void> {
  const { turn, deadlineClock } = options;
  let begun = false;
  let isStream = false;
  const begin = (status: number, headers: Readonly<Record<string, string>>) => {
    begun = true;
    exchange.respond(status, { ...extraHeaders, ...headers });
  };
  let method: AnyMethod | undefined;
  let deadline: Deadline | undefined;
  try {
    method = methodOf(exchange);
    deadline = deadlineOf(exchange.headers["grpc-timeout"], exchange.signal, deadlineClock);
    checkMetadata(exchange.headers);
    const response = await deadline.within(callHandler(options, method, exchange, deadline));
    if (method.kind === "unary") {
      const message = response as object;
      if (isLarge(method.response, message)) await turn.run(prepareLists(method.response, message));
      await countSent(options, method, message);
      begin(200, grpcJson);
      await writePieces(exchange, turn, jsonPieces(method.response, message));
    } else {
      isStream = true;
      for await (const message of eachWithin(deadline, response as AsyncIterable<object>)) {
        if (!begun) begin(200, grpcJson);
        await countSent(options, method, message);
        exchange.flush();
        await writePieces(exchange, turn, jsonPieces(method.response, message, `{"result":`, "}\n"));
        if (exchange.signal.aborted) break;
      }
      if (!begun) begin(200, {});
      exchange.flush();
    }
  } catch (error) {
    const { code, message } = failureOf(error);
    // A handler may refuse a call before its first message, but grpc-gateway learns of it when it reads that message.
    isStream ||= method?.kind === "serverStream" && !isBadJson(error);
    if (!begun) {
      const challenge =
        code === StatusCode.Unauthenticated && !isStream ? { "www-authenticate": message } : {};
      begin(httpStatus.get(code) ?? 500, { ...json, ...challenge });
    }
    if (isStream) exchange.flush();
    await exchange.write(
      isStream
        ? `${JSON.stringify({ error: { code, message } })}\n`
        : method === undefined
          ? routerError(code, message)
          : JSON.stringify({ code, message }),
    );
  } finally {
    deadline?.clear();
    exchange.end();
  }
}

async function countSent(
  { turn, traffic }: GatewayOptions,
  { response }: AnyMethod,
  message: object,
): Promise<void> {
  traffic.sentBytes += isLarge(response, message)
    ? await turn.run(sizeInSteps(response, message))
    : encode(response, message).length;
}

async function writePieces(exchange: Exchange, turn: TurnBudget, pieces: Iterable<string>): Promise<void> {
  for (const piece of pieces) {
    turn.spend(piece.length / charactersPerUnit);
    await exchange.write(piece);
    if (turn.isSpent) await turn.rest();
    if (exchange.signal.aborted) return;
  }
}

/** Of JSON text that is written in the time of one unit of work. */
const charactersPerUnit = 64;

/**
 * The gateway cannot pass on a certificate's common name as the user. etcd refuses such a request, as plain text.
 */
export async function refuseCommonName(exchange: Exchange): Promise<void> {
  exchange.respond(400, {
    "content-type": "text/plain; charset=utf-8",
    "x-content-type-options": "nosniff",
  });
  const what = "CommonName of client sending a request against gateway will be ignored";
  await exchange.write(`${what} and not used as expected\n`);
  exchange.end();
}

/** The body for a path or an HTTP method without a call. protojson's blank after the comma is as recorded from etcd 3.7.1. */
function routerError(code: number, message: string): string {
  return `{"code":${code}, "message":${JSON.stringify(message)}}`;
}

function methodOf({ method, path }: Exchange): AnyMethod {
  const found = gatewayPaths.get(path.replace(/^\/v3(beta)?(?=\/)/, ""));
  if (found === undefined) throw new EtcdError(StatusCode.NotFound, "Not Found", false);
  if (method !== "POST") throw new EtcdError(StatusCode.Unimplemented, "Method Not Allowed", false);
  return found;
}

async function callHandler(
  { routes, maxBodyBytes, traffic }: GatewayOptions,
  method: AnyMethod,
  exchange: Exchange,
  deadline: Deadline,
): Promise<unknown> {
  const { handler } = findRoute(routes, method.path);
  const call = { signal: deadline.signal, metadata: metadataOf(exchange.headers) };
  if (method.kind === "duplex") {
    deadline.check();
    const messages = requests(
      method,
      exchange,
      maxBodyBytes,
      (sizeBytes) => (traffic.receivedBytes += sizeBytes),
    );
    return handler(messages, { ...call, requestSizeBytes: 0 } satisfies ServerCall);
  }
  // As in grpc-gateway, bytes after the first value are ignored, and an empty body is a message of zero values.
  const bytes =
    exchange.isOpenEnded === true
      ? await firstOf(jsonValues(exchange.body, maxBodyBytes, exchange.signal))
      : await readBody(exchange.body, jsonFactor * maxBodyBytes, exchange.largeRequests);
  const isLargeBody = isLargeRequest(method.path, bytes.length);
  const leave = isLargeBody ? await appliedRequests.entered(bytes.length) : undefined;
  try {
    if (isLargeBody && deadline.signal.aborted) {
      throw new EtcdError(StatusCode.Canceled, "context canceled", false);
    }
    const request = messageOf(method, bytes) ?? method.request.create();
    deadline.check();
    const requestSizeBytes = encode(method.request, request).length;
    if (requestSizeBytes > maxBodyBytes) {
      const desc = `grpc: received message larger than max (${requestSizeBytes} vs. ${maxBodyBytes})`;
      throw new EtcdError(StatusCode.ResourceExhausted, desc, false);
    }
    traffic.receivedBytes += requestSizeBytes;
    return await handler(request, { ...call, requestSizeBytes });
  } finally {
    leave?.();
  }
}

/** Of the text of a message to the message: bytes are base64, and there may be blanks. */
const jsonFactor = 2;

async function firstOf(values: AsyncIterable<Buffer>): Promise<Buffer> {
  for await (const value of values) return value;
  return Buffer.alloc(0);
}

async function* requests(
  method: AnyMethod,
  { body, signal }: Exchange,
  maxBytes: number,
  received: (sizeBytes: number) => void,
): AsyncGenerator<unknown> {
  for await (const bytes of jsonValues(body, maxBytes, signal)) {
    const message = messageOf(method, bytes);
    if (message !== undefined) received(encode(method.request, message).length);
    yield message;
  }
}

/** Undefined for a text without a value. As in etcd, an error counts lines and columns from the value's first byte. */
function messageOf({ request }: AnyMethod, bytes: Buffer): unknown {
  const start = bytes.findIndex((byte) => !isBlank(byte));
  const text = bytes.subarray(Math.max(0, start));
  const node = firstJson(text);
  return node && messageFromJson(request, node, text);
}

/** Metadata that are bytes come in base64. Go: annotateContext in grpc-gateway's runtime/context.go */
function checkMetadata(headers: Exchange["headers"]): void {
  for (const [name, value] of Object.entries(headers)) {
    if (!name.endsWith("-bin") || !name.startsWith(metadataPrefix)) continue;
    const at = wrongBase64(String(value));
    if (at === undefined) continue;
    const canonical = name.replace(/(?<![^-])[a-z]/g, (letter) => letter.toUpperCase());
    const desc = `invalid binary header ${canonical}: illegal base64 data at input byte ${at}`;
    throw new EtcdError(StatusCode.InvalidArgument, desc, false);
  }
}

const metadataPrefix = "grpc-metadata-";

/** grpc-gateway passes on `Authorization`, and every header with the prefix `Grpc-Metadata-`. */
function metadataOf(headers: Exchange["headers"]): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(headers).flatMap(([name, value]) => {
      if (value === undefined) return [];
      if (name === "authorization") return [[name, String(value)] as const];
      return name.startsWith(metadataPrefix)
        ? [[name.slice(metadataPrefix.length), String(value)] as const]
        : [];
    }),
  );
}

function isBadJson(error: unknown): boolean {
  return error instanceof MessageJsonError || error instanceof JsonError;
}

function failureOf(error: unknown): { code: number; message: string } {
  if (error instanceof MessageJsonError) return { code: StatusCode.InvalidArgument, message: error.message };
  if (error instanceof JsonError) {
    return { code: StatusCode.InvalidArgument, message: error.isCut ? "unexpected EOF" : error.message };
  }
  const { code, desc } = statusOf(error);
  return { code, message: desc };
}

const httpStatus = new Map<number, number>([
  [StatusCode.Canceled, 499],
  [StatusCode.InvalidArgument, 400],
  [StatusCode.DeadlineExceeded, 504],
  [StatusCode.NotFound, 404],
  [StatusCode.AlreadyExists, 409],
  [StatusCode.PermissionDenied, 403],
  [StatusCode.Unauthenticated, 401],
  [StatusCode.ResourceExhausted, 429],
  [StatusCode.FailedPrecondition, 400],
  [StatusCode.Aborted, 409],
  [StatusCode.OutOfRange, 400],
  [StatusCode.Unimplemented, 501],
  [StatusCode.Unavailable, 503],
]);
