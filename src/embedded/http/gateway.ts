// The JSON gateway: POST /v3/kv/range and its kin, each a call of the same handlers that gRPC calls. Loaded with the first
// request that wants it. A stream of answers is one `{"result":…}` a line. The name in a client's certificate counts for
// nothing here, as in etcd. Answers to etcd's server/embed/serve.go and grpc-gateway's runtime.
import { EtcdError, StatusCode } from "../../errors";
import { encode } from "../../proto/codec";
import { JsonError, parseJson } from "../../proto/json-text";
import type { AnyMethod } from "../../proto/message";
import { findRoute, type Routes, type ServerCall } from "../rpc/routes";
import { gatewayPaths } from "./gateway-paths";
import { MessageJsonError, messageFromJson, messageToJson } from "./message-json";

/** A request and the way to answer it, over HTTP/1 or HTTP/2. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: AsyncIterable<Uint8Array>;
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal;
  respond(status: number, headers: Readonly<Record<string, string>>): void;
  /** Resolves when there is room for more. */
  write(text: string): Promise<void>;
  end(): void;
}

const json = { "content-type": "application/json" };
const fromGrpc = { ...json, "grpc-metadata-content-type": "application/grpc" };

export async function serveGateway(
  routes: Routes,
  exchange: Exchange,
  maxBodyBytes: number,
  extraHeaders: Readonly<Record<string, string>>,
): Promise<void> {
  let begun = false;
  const begin = (status: number, headers: Readonly<Record<string, string>>) => {
    begun = true;
    exchange.respond(status, { ...extraHeaders, ...headers });
  };
  try {
    const method = methodOf(exchange);
    const text = await bodyText(exchange, maxBodyBytes);
    const answer = callOf(routes, method, text, exchange);
    if (method.kind === "unary") {
      const message = (await answer) as object;
      begin(200, fromGrpc);
      await exchange.write(spaced(messageToJson(method.response, message)));
    } else {
      for await (const message of answer as AsyncIterable<object>) {
        if (!begun) begin(200, fromGrpc);
        await exchange.write(`${JSON.stringify({ result: messageToJson(method.response, message) })}\n`);
        if (exchange.signal.aborted) break;
      }
      if (!begun) begin(200, fromGrpc);
    }
  } catch (error) {
    const { code, message } = statusOf(error);
    if (begun) await exchange.write(`${JSON.stringify({ error: { code, message } })}\n`);
    else {
      begin(httpStatus.get(code) ?? 500, json);
      await exchange.write(spaced({ code, message }));
    }
  } finally {
    exchange.end();
  }
}

/** With a blank behind each comma, as protojson has them in the builds that we know; streams have none. */
function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([name, each]) => `${JSON.stringify(name)}:${spaced(each)}`)
    .join(", ")}}`;
}

function methodOf({ method, path }: Exchange): AnyMethod {
  const found = gatewayPaths.get(path.replace(/^\/v3(beta)?(?=\/)/, ""));
  if (found === undefined) throw new EtcdError(StatusCode.NotFound, "Not Found", false);
  if (method !== "POST") throw new EtcdError(StatusCode.Unimplemented, "Method Not Allowed", false);
  return found;
}

async function bodyText({ body }: Exchange, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of body) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) {
      const desc = `grpc: received message larger than max (${sizeBytes} vs. ${maxBytes})`;
      throw new EtcdError(StatusCode.ResourceExhausted, desc, false);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function callOf(routes: Routes, method: AnyMethod, text: string, exchange: Exchange): unknown {
  const { handler } = findRoute(routes, method.path);
  const messages = documents(text).map((each) => messageFromJson(method.request, parseJson(each), each));
  const first: unknown = messages[0] ?? method.request.create();
  const call: ServerCall = {
    signal: exchange.signal,
    metadata: metadataOf(exchange.headers),
    requestSizeBytes: method.kind === "duplex" ? 0 : encode(method.request, first).length,
  };
  return handler(method.kind === "duplex" ? sent(messages) : first, call);
}

/** One request, or for a stream of them one a line. */
function documents(text: string): string[] {
  if (text.trim() === "") return [];
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const isList = lines.length > 1 && lines.every((line) => /^\s*\{.*\}\s*$/.test(line));
  return isList ? lines : [text];
}

async function* sent(messages: readonly unknown[]): AsyncGenerator<unknown> {
  await Promise.resolve();
  yield* messages;
}

/** grpc-gateway passes on `Authorization`, and what is prefixed as metadata. */
function metadataOf(headers: Exchange["headers"]): ReadonlyMap<string, string> {
  const prefix = "grpc-metadata-";
  return new Map(
    Object.entries(headers).flatMap(([name, value]) => {
      if (value === undefined) return [];
      if (name === "authorization") return [[name, String(value)] as const];
      return name.startsWith(prefix) ? [[name.slice(prefix.length), String(value)] as const] : [];
    }),
  );
}

function statusOf(error: unknown): { code: number; message: string } {
  if (error instanceof EtcdError) return { code: error.code, message: error.desc };
  if (error instanceof MessageJsonError) return { code: StatusCode.InvalidArgument, message: error.message };
  if (error instanceof JsonError) {
    const message = error.message.endsWith("found the end") ? "unexpected EOF" : error.message;
    return { code: StatusCode.InvalidArgument, message };
  }
  return { code: StatusCode.Unknown, message: error instanceof Error ? error.message : String(error) };
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
