// `txn`: conditions, requests if all of them hold, requests if not, done as one transaction. Read from stdin in three blocks
// that end with an empty line; or (departures) from --if, --then and --else, a line each, or as JSON from --file.
// Departure: the end of the input ends a block of requests too. Answers to etcdctl's txn_command.go.
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { FlagTable, FlagValues } from "../../cli/flags";
import { badArgs, CliError, ExitCode } from "../../errors";
import { osErrorReason } from "../../go/os";
import { readAll, type Io } from "../../io";
import { TxnRequest } from "../../proto/gen/etcdserverpb";
import { defineCommand } from "../command";
import { BadOperator, parseCompare } from "./compare";
import { parseJsonTxn } from "./json-txn";
import { readOperation } from "./operation";
import { textToBinary, LineReader, trimSpace } from "../tokenize";

const txnFlags = {
  interactive: { kind: "bool", default: false, short: "i", usage: "say before each block what it is for" },
  if: { kind: "texts", default: [], usage: `a condition, such as 'value("a") = "1"'; repeat it for more` },
  then: { kind: "texts", default: [], usage: "a put, get or del if all conditions hold; repeat it for more" },
  else: { kind: "texts", default: [], usage: "a put, get or del if not; repeat it for more" },
  file: { kind: "string", default: "", usage: "JSON file with the whole transaction; - is stdin" },
} as const satisfies FlagTable;

type TxnFlags = FlagValues<typeof txnFlags>;

/** What a Go program exits with after a panic. */
const panicExitCode = 2;
const operatorHint = "a condition compares with =, !=, < or >";

export const command = defineCommand({
  flags: txnFlags,
  async run(context, args, flags) {
    if (args.length > 0) throw badArgs("txn command does not accept argument");
    const given = await givenTxn(context.io, flags);
    const { client, printer } = await context.connect();
    let request: TxnRequest;
    try {
      request = given ?? (await readTxn(context.io, flags.interactive));
    } catch (error) {
      if (!(error instanceof BadOperator)) throw error;
      await context.io.stderr.write(`panic: ${error.message}\n\nhint: ${operatorHint}\n`);
      return panicExitCode;
    }
    await context.io.stdout.write(printer.txn(await client.kv.txn(request, context.call())));
    return ExitCode.success;
  },
});

/** From flags or a file, complete before anything is dialled; undefined when it is to be read as Go reads it. */
async function givenTxn(io: Io, flags: TxnFlags): Promise<TxnRequest | undefined> {
  const isInLines = [flags.if, flags.then, flags.else].some((lines) => lines.length > 0);
  const isInFile = flags.file !== "";
  if ([flags.interactive, isInLines, isInFile].filter(Boolean).length > 1) {
    throw badArgs("--interactive, --file and --if, --then, --else exclude each other");
  }
  if (isInFile) {
    const name = flags.file === "-" ? "standard input" : flags.file;
    return parseJsonTxn(await contents(io, flags.file), name);
  }
  return isInLines ? txnOfLines(io, flags) : undefined;
}

async function txnOfLines(io: Io, flags: TxnFlags): Promise<TxnRequest> {
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

async function contents({ stdin, cwd }: Io, file: string): Promise<Uint8Array> {
  if (file === "-") return readAll(stdin);
  try {
    return await readFile(resolve(cwd, file));
  } catch (cause) {
    throw new CliError(ExitCode.badArgs, `could not read ${file} (${osErrorReason(cause)})`, { cause });
  }
}

export async function readTxn(io: Io, interactive: boolean): Promise<TxnRequest> {
  const lines = new LineReader(io.stdin.chunks());
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
  lines: LineReader,
  parse: (line: string) => T | Promise<T>,
): Promise<{ items: T[]; isEnded: boolean }> {
  const items: T[] = [];
  for (;;) {
    const read = await lines.next();
    if (read === undefined) return { items, isEnded: false };
    const line = trimSpace(read);
    if (line === "") return { items, isEnded: true };
    items.push(await parse(line));
  }
}
