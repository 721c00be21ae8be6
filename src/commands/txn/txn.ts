// `txn` reads conditions, requests for success and requests for failure from stdin: three blocks, each ended by an empty line.
// Departures: --if, --then and --else give one line each; --file reads JSON; the end of the input also ends a block of requests.
// Go: etcdctl/ctlv3/command/txn_command.go.
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { FlagTable, FlagValues } from "../../input/flags";
import { badArgs, CliError, ExitCode, panicExitCode } from "../../errors";
import { osErrorReason } from "../../go/os";
import { hintLines } from "../../hints";
import { readAll, type Io } from "../../io";
import { TxnRequest } from "../../proto/gen/etcdserverpb";
import { defineCommand } from "../command";
import { BadOperator, parseCompare } from "./compare";
import { operatorHint } from "./compare-hints";
import { parseJsonTxn } from "./json-txn";
import { readOperation } from "./operation";
import { textToBinary, LineReader, trimSpace } from "../tokenize";

const txnFlags = {
  interactive: { kind: "bool", default: false, short: "i", usage: "print a prompt before each block" },
  if: { kind: "texts", default: [], usage: `a condition, such as 'value("a") = "1"' (repeatable)` },
  then: {
    kind: "texts",
    default: [],
    usage: "a put, get or del to run if all conditions are true (repeatable)",
  },
  else: { kind: "texts", default: [], usage: "a put, get or del to run otherwise (repeatable)" },
  file: { kind: "string", default: "", usage: "JSON file with the whole transaction; -: stdin" },
} as const satisfies FlagTable;

type TxnFlags = FlagValues<typeof txnFlags>;

export const command = defineCommand({
  flags: txnFlags,
  async run(context, args, flags) {
    if (args.length > 0) throw badArgs("txn command does not accept argument");
    const fromFlags = await txnFromFlags(context.io, flags);
    const { client, printer } = await context.connect();
    let request: TxnRequest;
    try {
      request = fromFlags ?? (await readTxn(context.io, flags.interactive));
    } catch (error) {
      if (!(error instanceof BadOperator)) throw error;
      await context.io.stderr.write(`panic: ${error.message}\n\n${hintLines([operatorHint], context.io)}`);
      return panicExitCode;
    }
    await context.io.stdout.write(printer.txn(await client.kv.txn(request, context.call())));
    return ExitCode.success;
  },
});

/** The transaction from --file or from --if, --then and --else, read before the client connects; undefined without these flags. */
async function txnFromFlags(io: Io, flags: TxnFlags): Promise<TxnRequest | undefined> {
  const hasLines = [flags.if, flags.then, flags.else].some((lines) => lines.length > 0);
  const hasFile = flags.file !== "";
  if ([flags.interactive, hasLines, hasFile].filter(Boolean).length > 1) {
    throw badArgs("only one of --interactive, --file and the group --if, --then, --else can be used");
  }
  if (hasFile) {
    const name = flags.file === "-" ? "standard input" : flags.file;
    return parseJsonTxn(await readInput(io, flags.file), name);
  }
  return hasLines ? txnFromLines(io, flags) : undefined;
}

async function txnFromLines(io: Io, flags: TxnFlags): Promise<TxnRequest> {
  const trimmed = (lines: readonly string[]) => lines.map((line) => trimSpace(textToBinary(line)));
  const operations = async (lines: readonly string[]) => {
    const requests = [];
    for (const line of trimmed(lines)) requests.push(await readOperation(io, line));
    return requests;
  };
  try {
    const compare = trimmed(flags.if).map(parseCompare);
    const success = await operations(flags.then);
    return TxnRequest.create({ compare, success, failure: await operations(flags.else) });
  } catch (error) {
    if (!(error instanceof BadOperator)) throw error;
    throw new CliError(ExitCode.invalidInput, `unknown operator in ${flags.if.join(" and ")}`, {
      cause: error,
      hints: [operatorHint],
    });
  }
}

async function readInput({ stdin, cwd }: Io, file: string): Promise<Uint8Array> {
  if (file === "-") return readAll(stdin);
  try {
    return await readFile(resolve(cwd, file));
  } catch (cause) {
    throw new CliError(ExitCode.badArgs, `could not read ${file} (${osErrorReason(cause)})`, { cause });
  }
}

export async function readTxn(io: Io, interactive: boolean): Promise<TxnRequest> {
  const lines = new LineReader(io.stdin.chunks());
  // Only a person can type a line again. A script, on a terminal too, gets Go's error.
  const isRepeated = interactive && io.stdin.isTTY && io.stderr.isTTY;
  const onError = (error: unknown) => {
    if (!isRepeated) throw error;
    return reportLine(io, error);
  };
  const prompt = async (text: string) => {
    if (interactive) await io.stdout.write(`${text}\n`);
  };
  const operation = (line: string) => readOperation(io, line);
  await prompt("compares:");
  const compare = await readBlock(lines, parseCompare, onError);
  // An input that ends before the requests is more likely a broken script than a transaction.
  if (!compare.isEnded) throw new CliError(ExitCode.invalidInput, "EOF");
  await prompt("success requests (get, put, del):");
  const success = await readBlock(lines, operation, onError);
  await prompt("failure requests (get, put, del):");
  const failure = await readBlock(lines, operation, onError);
  return TxnRequest.create({ compare: compare.items, success: success.items, failure: failure.items });
}

/** Reads lines up to an empty one. `isEnded` is false if the input ended first. */
async function readBlock<T>(
  lines: LineReader,
  parse: (line: string) => T | Promise<T>,
  onError: (error: unknown) => Promise<void>,
): Promise<{ items: T[]; isEnded: boolean }> {
  const items: T[] = [];
  for (;;) {
    const read = await lines.next();
    if (read === undefined) return { items, isEnded: false };
    const line = trimSpace(read);
    if (line === "") return { items, isEnded: true };
    try {
      items.push(await parse(line));
    } catch (error) {
      await onError(error);
    }
  }
}

/** For a line with a mistake; rethrows other errors, such as Ctrl-C. */
async function reportLine(io: Io, error: unknown): Promise<void> {
  const isOperator = error instanceof BadOperator;
  if (!isOperator && !(error instanceof CliError)) throw error;
  const hints = isOperator ? [operatorHint] : error.hints;
  const advice = [...hints, "type this line again; the lines before it are kept"];
  await io.stderr.write(`Error: ${error.message}\n${hintLines(advice, io)}`);
}
