// The table of RPC handlers. The gRPC listener, the JSON gateway and the in-process transport all serve this table.
// A method without a handler returns Unimplemented with its name.
import { EtcdError, StatusCode } from "../../errors";
import { quote } from "../../go/quote";
import { rawText } from "../../go/raw-text";
import type { AnyMethod, Method, ServiceDescription } from "../../proto/message";
import { decode } from "../../proto/message";
import { WireError } from "../../proto/wire";
import type { Peers } from "../cluster/membership";

/** What a handler knows about a call besides its request. */
export interface ServerCall {
  /** Aborted when the client cancels, the deadline passes or the server stops. */
  readonly signal: AbortSignal;
  /** `signal.aborted`, without making the signal: that costs as much as a short call. */
  readonly isAborted?: boolean | undefined;
  /** By name, in lower case. */
  readonly metadata: ReadonlyMap<string, string>;
  /** Size of the encoded request; 0 for a stream of requests. */
  readonly requestSizeBytes: number;
  /** The `client-api-version` that the client sent. */
  readonly clientVersion?: string | undefined;
  /** Whether the client sent `hasleader: true`: the call must fail while there is no leader. */
  readonly requiresLeader?: boolean | undefined;
  /** Common name of the client's certificate, if the listener asks for certificates. */
  readonly commonName?: string | undefined;
  /** The client's address, `HOST:PORT`. Absent for a client without one. */
  readonly remote?: string | undefined;
  /** Closes the client's connection. Absent for a client without one. */
  readonly disconnect?: (() => void) | undefined;
  /** The other members as the member that was called sees them. Absent: there are none. */
  peers?: Peers | undefined;
}

/** Throws EtcdError. A unary handler may return its response without a promise. */
export type Handler<M extends AnyMethod> =
  M extends Method<infer I, infer O, infer K>
    ? K extends "unary"
      ? (request: I, call: ServerCall) => O | Promise<O>
      : K extends "serverStream"
        ? (request: I, call: ServerCall) => AsyncIterable<O>
        : (requests: AsyncIterable<I>, call: ServerCall) => AsyncIterable<O>
    : never;

export type ServiceHandlers<S extends ServiceDescription> = { readonly [K in keyof S]?: Handler<S[K]> };

export interface Route {
  readonly method: AnyMethod;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- routes differ in their messages
  readonly handler: ((request: any, call: ServerCall) => any) | undefined;
}

export type ServedRoute = Route & { readonly handler: NonNullable<Route["handler"]> };

/** By path, such as `/etcdserverpb.KV/Range`. */
export type Routes = ReadonlyMap<string, Route>;

export function routesOf<S extends ServiceDescription>(
  service: S,
  handlers: ServiceHandlers<S>,
): [string, Route][] {
  return Object.entries(service).map(([name, method]) => [method.path, { method, handler: handlers[name] }]);
}

/** Throws gRPC's Unimplemented for an unknown path. */
export function findRoute(routes: Routes, path: string): ServedRoute {
  const route = routes.get(path);
  if (route?.handler !== undefined) return { method: route.method, handler: route.handler };
  // HTTP/2 has a character for each byte.
  const text = rawText(Buffer.from(path, "latin1"));
  const name = text.replace(/^\//, "");
  const slash = name.lastIndexOf("/");
  if (slash < 0 || name === text) {
    const what = `malformed method name: ${quote(text)}`;
    throw new EtcdError(StatusCode.Unimplemented, what, false);
  }
  const [service, method] = [name.slice(0, slash), name.slice(slash + 1)];
  const known = [...routes.keys()].some((each) => each.startsWith(`/${service}/`));
  const what = known ? `unknown method ${method} for service ${service}` : `unknown service ${service}`;
  throw new EtcdError(StatusCode.Unimplemented, what, false);
}

/** Throws gRPC's error for bytes that are not a message of this type. */
export function decodeRequest(method: AnyMethod, bytes: Uint8Array): unknown {
  try {
    return decode(method.request, bytes, true);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    const what =
      method.kind === "unary" ? "error unmarshalling request" : "failed to unmarshal the received message";
    throw new EtcdError(StatusCode.Internal, `grpc: ${what}: ${error.goMessage}`, false);
  }
}
