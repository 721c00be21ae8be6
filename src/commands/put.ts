// `put KEY [VALUE]`: stores a value under a key; without VALUE all of stdin is the value, its last newline included.
// Order and wording of the checks are Go's. Answers to etcdctl's put_command.go.
import type { FlagTable, FlagValues } from "../cli/flags";
import { badArgs, ExitCode } from "../errors";
import { parseInt64 } from "../go/strconv";
import { readAll } from "../io";
import { PutRequest } from "../proto/gen/etcdserverpb";
import { emptyBytes } from "../proto/wire";
import { bytesOf, mapParseError, type Word } from "./arguments";
import { defineCommand } from "./command";

export const putFlags = {
  lease: {
    kind: "string",
    default: "0",
    usage: "lease (hexadecimal ID) to attach to the key",
    completes: "lease",
  },
  "prev-kv": { kind: "bool", default: false, usage: "print the key and value that were there before" },
  "ignore-value": { kind: "bool", default: false, usage: "keep the value that the key has" },
  "ignore-lease": { kind: "bool", default: false, usage: "keep the lease that the key has" },
} as const satisfies FlagTable;

export const command = defineCommand({
  flags: putFlags,
  async run(context, args, flags) {
    const isValueFromStdin = args.length === 1 && !flags["ignore-value"];
    const input = isValueFromStdin ? await readAll(context.io.stdin) : emptyBytes;
    const request = putRequest(args, flags, input);
    const { client, printer } = await context.connect();
    await context.io.stdout.write(printer.put(await client.kv.put(request, context.call())));
  },
});

/** `input` is the value where there is no second word; an empty one does not count, as in Go. */
export function putRequest(
  args: readonly Word[],
  flags: FlagValues<typeof putFlags>,
  input: Uint8Array = emptyBytes,
): PutRequest {
  const [key, given] = args;
  const needsValue = "put command needs 1 argument and input from stdin or 2 arguments";
  if (key === undefined) throw badArgs(needsValue);
  if (flags["ignore-value"] && given !== undefined) {
    throw badArgs("put command needs only 1 argument when 'ignore-value' is set");
  }
  if (!flags["ignore-value"] && given === undefined && input.length === 0) throw badArgs(needsValue);
  const lease = mapParseError(
    ExitCode.badArgs,
    () => parseInt64(flags.lease, 16),
    (reason) => `bad lease ID (${reason}), expecting ID in Hex`,
  );
  return PutRequest.create({
    key: bytesOf(key),
    value: given === undefined ? input : bytesOf(given),
    lease,
    prevKv: flags["prev-kv"],
    ignoreValue: flags["ignore-value"],
    ignoreLease: flags["ignore-lease"],
  });
}
