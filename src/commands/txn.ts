// `txn`: conditions, requests if all of them hold, requests if not, read from stdin in three blocks that end with an empty
// line, and done as one transaction. Departure: the end of the input ends a block of requests too.
// Answers to etcdctl's txn_command.go.
import { CliError, ExitCode } from "../errors";
import type { Io } from "../io";
import { TxnRequest } from "../proto/gen/etcdserverpb";
import { defineCommand } from "./command";
import type { FlagTable } from "./flags";
import { badArgs } from "./key-range";
import { BadOperator, parseCompare } from "./txn-input/compare";
import { Lines } from "./txn-input/lines";
import { readOperation } from "./txn-input/operation";
import { trimBlanks } from "./txn-input/words";

const txnFlags = {
  interactive: { kind: "bool", default: false, short: "i", usage: "say before each block what it is for" },
} as const satisfies FlagTable;

/** What a Go program exits with after a panic. */
const panicExitCode = 2;

export const command = defineCommand({
  flags: txnFlags,
  async run(context, args, { interactive }) {
    if (args.length > 0) throw badArgs("txn command does not accept argument");
    const { client, printer } = await context.session();
    let request: TxnRequest;
    try {
      request = await readTxn(context.io, interactive);
    } catch (error) {
      if (!(error instanceof BadOperator)) throw error;
      await context.io.stderr.write(
        `panic: ${error.message}\n\nhint: a condition compares with =, !=, < or >\n`,
      );
      return panicExitCode;
    }
    await context.io.stdout.write(printer.txn(await client.kv.txn(request, context.call())));
    return ExitCode.success;
  },
});

export async function readTxn(io: Io, interactive: boolean): Promise<TxnRequest> {
  const lines = new Lines(io.stdin.chunks());
  const prompt = async (text: string) => {
    if (interactive) await io.stdout.write(`${text}\n`);
  };
  const operation = (line: string) => readOperation(io, line);
  await prompt("compares:");
  const compare = await readBlock(lines, parseCompare);
  // Nothing to do: more likely a script that went wrong than a transaction.
  if (!compare.isEnded) throw new CliError(ExitCode.invalidInput, "EOF");
  await prompt("success requests (get, put, del):");
  const success = await readBlock(lines, operation);
  await prompt("failure requests (get, put, del):");
  const failure = await readBlock(lines, operation);
  return TxnRequest.create({ compare: compare.items, success: success.items, failure: failure.items });
}

/** Lines up to an empty one; `isEnded` says that there was one. */
async function readBlock<T>(
  lines: Lines,
  parse: (line: string) => T | Promise<T>,
): Promise<{ items: T[]; isEnded: boolean }> {
  const items: T[] = [];
  for (;;) {
    const read = await lines.next();
    if (read === undefined) return { items, isEnded: false };
    const line = trimBlanks(read);
    if (line === "") return { items, isEnded: true };
    items.push(await parse(line));
  }
}
