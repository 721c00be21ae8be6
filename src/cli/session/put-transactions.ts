// `batch --txn-size N`: joins `put` lines that follow each other into transactions of up to N puts. Each transaction is
// atomic; the lines print what they print alone.
import type { Connection } from "../../commands/command";
import { putFlags, putRequest } from "../../commands/put";
import { CliError, EtcdError, withHints } from "../../errors";
import type { PutRequest } from "../../proto/gen/etcdserverpb";
import { TxnRequest, type PutResponse, type TxnResponse } from "../../proto/gen/etcdserverpb";
import type { CallOptions } from "../../transport/transport";
import { findCommand, UnknownCommand } from "../find-command";
import type { Program } from "../manifest/builders";
import { FlagError, parseFlags } from "../../input/parse-flags";
import type { CommandLine } from "./command-lines";

/** A server takes requests of 1.5 MiB unless its --max-request-bytes says otherwise. */
const maxTransactionBytes = 1024 * 1024;

/** Puts of one transaction. A server refuses a transaction that writes a key twice. */
export class PutGroup {
  readonly puts: PutRequest[] = [];
  private readonly keys = new Set<string>();
  private sizeBytes = 0;

  constructor(private readonly maxPuts: number) {}

  /** Whether the put fits. Any put fits into an empty group. */
  add(put: PutRequest): boolean {
    const key = Buffer.from(put.key).toString("latin1");
    const putBytes = put.key.length + put.value.length;
    const isFull = this.puts.length >= this.maxPuts || this.sizeBytes + putBytes > maxTransactionBytes;
    if (this.puts.length > 0 && (isFull || this.keys.has(key))) return false;
    this.puts.push(put);
    this.keys.add(key);
    this.sizeBytes += putBytes;
    return true;
  }

  /** Sends the puts and resolves to the output of all of them. Rejects if none is done. */
  async send({ client, printer }: Connection, options: CallOptions): Promise<string | Uint8Array> {
    const success = this.puts.map((put) => ({ request: { case: "requestPut" as const, value: put } }));
    const response = await client.kv.txn(TxnRequest.create({ success }), options).catch((error: unknown) => {
      throw withHints(
        error,
        error instanceof EtcdError && error.message.includes(tooMany) ? tooManyHints : [],
      );
    });
    const outputs = putResponses(response).map((each) => Buffer.from(printer.put(each)));
    return Buffer.concat(outputs);
  }
}

const tooMany = "too many operations in txn request";
const tooManyHints = ["most servers take 128 operations in a transaction: use a smaller --txn-size"];

/** Inside a transaction only the revision of a header is set. A put alone has all fields. */
function putResponses({ header, responses }: TxnResponse): PutResponse[] {
  return responses.flatMap(({ response }) =>
    response?.case === "responsePut" ? [{ ...response.value, header }] : [],
  );
}

/** The request of a `put` line that sets no flags but those of the request; undefined for every other line. */
export function plainPut(
  { argv, stdin }: CommandLine,
  { root, globalFlags }: Program,
): PutRequest | undefined {
  try {
    const { path, args } = findCommand(root, globalFlags, argv);
    if (path.length !== 2 || path[1]?.name !== "put") return undefined;
    const { values, args: words, given, notes } = parseFlags({ ...globalFlags, ...putFlags }, args);
    const hasOthers = [...given].some((name) => !Object.hasOwn(putFlags, name));
    return hasOthers || notes.length > 0 ? undefined : putRequest(words, values, stdin);
  } catch (error) {
    // The line itself reports its mistake.
    if (error instanceof UnknownCommand || error instanceof FlagError || error instanceof CliError)
      return undefined;
    throw error;
  }
}
