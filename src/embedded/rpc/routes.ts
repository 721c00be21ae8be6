// RPC handlers apart from how calls reach them: the gRPC listener and the in-process transport both serve one Routes.
// A method without a handler answers Unimplemented with its name.
import type { AnyMethod, Method, ServiceDescription } from "../../proto/message";

/** What a handler may know of the call besides its request. */
export interface ServerCall {
  /** Aborted when the client cancels, its deadline passes or the server stops. */
  readonly signal: AbortSignal;
  /** Lower-case names. */
  readonly metadata: ReadonlyMap<string, string>;
}

/** Failures are thrown as EtcdError. Unary handlers may answer at once, without a promise. */
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

/** By path, `/etcdserverpb.KV/Range`. */
export type Routes = ReadonlyMap<string, Route>;

export function routesOf<S extends ServiceDescription>(
  service: S,
  handlers: ServiceHandlers<S>,
): [string, Route][] {
  return Object.entries(service).map(([name, method]) => [method.path, { method, handler: handlers[name] }]);
}
