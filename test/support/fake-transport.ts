// A Transport whose responses come from functions, by method name. Every message is encoded and decoded, as on a real
// connection.
import { setImmediate as turn } from "node:timers/promises";
import { EtcdError, StatusCode } from "../../src/errors";
import type { AnyMethod } from "../../src/proto/message";
import { decode, encode } from "../../src/proto/message";
import type { CallOptions, Transport } from "../../src/transport/transport";

/* eslint-disable @typescript-eslint/no-explicit-any -- one table for methods of all types */
export type Answer = (request: any, options: CallOptions) => any;
export type Answers = Readonly<Record<string, Answer>>;

export interface SeenCall {
  readonly method: string;
  readonly request: any;
}

/** For a stream the function returns an iterable of messages. What a function throws is the error of the call. */
export function fakeTransport(answers: Answers): Transport & { readonly calls: SeenCall[] } {
  const calls: SeenCall[] = [];
  const answer = (method: AnyMethod, request: any, options: CallOptions): any => {
    const name = method.path.replace(/.*\//, "");
    calls.push({ method: name, request });
    const found = answers[name];
    if (!found) throw new EtcdError(StatusCode.Unimplemented, `no answer to ${name}`, false);
    return found(request, options);
  };
  const overTheWire = (type: AnyMethod["request"], message: any): any =>
    decode(type, encode(type, type.create(message)));
  return {
    calls,
    async unary(method, request, options): Promise<any> {
      await turn();
      const seen = overTheWire(method.request, request);
      return overTheWire(method.response, await answer(method, seen, options));
    },
    async *serverStream(method, request, options): AsyncIterable<any> {
      const seen = overTheWire(method.request, request);
      for await (const message of answer(method, seen, options)) yield overTheWire(method.response, message);
    },
    async *duplex(method, requests, options): AsyncIterable<any> {
      for await (const message of answer(method, requests, options))
        yield overTheWire(method.response, message);
    },
    close: () => Promise.resolve(),
  };
}

/** Never answers. Fails like a canceled call when the signal is aborted. */
export function silence({ signal }: CallOptions): Promise<never> {
  return new Promise((_, reject) => {
    const cancel = () => {
      reject(new EtcdError(StatusCode.Canceled, "context canceled", true));
    };
    if (signal?.aborted) cancel();
    signal?.addEventListener("abort", cancel);
  });
}
