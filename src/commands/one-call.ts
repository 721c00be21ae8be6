// The commands that are nothing but one call: so many words, one request, one answer to print. Most of auth, user, role
// and member are. A wrong number of words is told before anything is dialled, as in Go.
import type { EtcdClient } from "../client/client";
import type { Printer } from "../output/printer";
import type { CallOptions } from "../transport/transport";
import { type Command, defineCommand } from "./command";
import { badArgs } from "./key-range";

type Words<N extends number> = N extends 0
  ? readonly []
  : N extends 1
    ? readonly [string]
    : readonly [string, string];

export interface OneCall<N extends 0 | 1 | 2, R> {
  readonly words: N;
  /** What Go says to any other number of them. */
  readonly otherwise: string;
  readonly call: (client: EtcdClient, words: Words<N>, options: CallOptions) => Promise<R>;
  readonly print: (printer: Printer, response: R, words: Words<N>) => string | Uint8Array;
}

export function oneCall<const N extends 0 | 1 | 2, R>({
  words,
  otherwise,
  call,
  print,
}: OneCall<N, R>): Command {
  return defineCommand({
    flags: {},
    async run(context, args) {
      if (args.length !== words) throw badArgs(otherwise);
      const { client, printer } = await context.session();
      const typed = args as Words<N>;
      await context.io.stdout.write(print(printer, await call(client, typed, context.call()), typed));
    },
  });
}
