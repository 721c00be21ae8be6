// A request of txn: a line with put, get or del. It uses the flags and the request builders of those commands. Lines are binary
// strings (tokenize.ts). Go: parseRequestUnion in etcdctl/ctlv3/command/txn_command.go.
import type { FlagTable, FlagValues } from "../../input/flags";
import { FlagError, parseFlags, takesNextArg } from "../../input/parse-flags";
import { CliError, ExitCode } from "../../errors";
import { writeHints } from "../../hints";
import type { Io } from "../../io";
import type { RequestOp } from "../../proto/gen/etcdserverpb";
import { deleteRequest, delFlags, warnAndDelay } from "../del";
import { getFlags, rangeRequest } from "../get";
import { putFlags, putRequest } from "../put";
import { binaryToBytes, splitWords, binaryToText } from "../tokenize";

const requestForm = "a request is put, get or del with its flags and arguments";

type Request = NonNullable<RequestOp["request"]>;

export async function readOperation(io: Io, line: string): Promise<RequestOp> {
  const words = splitWords(line);
  if (words.length < 2) {
    throw badInput(`invalid txn compare request: ${binaryToText(line)}`, [requestForm]);
  }
  const { name, rest } = splitName(words);
  switch (findCommand(name)) {
    case "put": {
      const { args, values } = await parse(io, line, "put [options] <key> <value>", putFlags, rest);
      return { request: { case: "requestPut", value: putRequest(args, values) } };
    }
    case "get": {
      const { args, values } = await parse(io, line, "get [options] <key> [range_end]", getFlags, rest);
      return { request: { case: "requestRange", value: rangeRequest(args, values) } };
    }
    case "del": {
      const { args, values } = await parse(io, line, "del [options] <key> [range_end]", delFlags, rest);
      const request: Request = { case: "requestDeleteRange", value: deleteRequest(args, values) };
      await warnAndDelay(io, args, values);
      return { request };
    }
    case undefined:
      throw invalidRequest(line);
  }
}

/** The name is the first word that is neither a flag nor the value of a flag. A flag before the name is always unknown. */
function splitName(words: readonly string[]): { name: string; rest: string[] } {
  let at = 0;
  while (words[at]?.startsWith("-")) at += takesNextArg({}, words[at] as string) ? 2 : 1;
  return { name: words[at] ?? "", rest: [...words.slice(0, at), ...words.slice(at + 1)] };
}

/** A name may be a unique prefix, as on the command line. */
function findCommand(name: string): "put" | "get" | "del" | undefined {
  return name === "" ? undefined : (["put", "get", "del"] as const).find((each) => each.startsWith(name));
}

async function parse<T extends FlagTable>(
  io: Io,
  line: string,
  use: string,
  flags: T,
  words: readonly string[],
): Promise<{ args: Buffer[]; values: FlagValues<T> }> {
  try {
    const { args, values, notes } = parseFlags(flags, words);
    await writeHints(notes, io);
    return { args: args.map(binaryToBytes), values };
  } catch (error) {
    if (!(error instanceof FlagError)) throw error;
    await io.stderr.write(`Usage:\n   ${use} [flags]\n\n`);
    throw invalidRequest(line, error);
  }
}

function invalidRequest(line: string, cause?: FlagError): CliError {
  const hint = cause ? binaryToText(cause.message) : requestForm;
  return new CliError(ExitCode.invalidInput, `invalid txn request: ${binaryToText(line)}`, {
    cause,
    hints: [hint],
  });
}

function badInput(message: string, hints: readonly string[]): CliError {
  return new CliError(ExitCode.invalidInput, message, { hints });
}
