// `put KEY [VALUE]`. Without VALUE, all of stdin is the value, including a newline at the end. The checks have Go's order and
// texts.
// Go: etcdctl/ctlv3/command/put_command.go.
import type { FlagTable, FlagValues } from "../cli/flags";
import { badArgs, ExitCode } from "../errors";
import { parseInt64 } from "../go/strconv";
import { readAll } from "../io";
import { PutRequest } from "../proto/gen/etcdserverpb";
import { emptyBytes } from "../proto/wire";
import { argumentBytes, leaseIdHints, mapParseError, type Argument } from "./arguments";
import { defineCommand } from "./command";

export const putFlags = {
  lease: {
    kind: "string",
    default: "0",
    usage: "ID of the lease (hexadecimal) to attach to the key",
    completes: "lease",
  },
  "prev-kv": { kind: "bool", default: false, usage: "print the previous key and value" },
  "ignore-value": { kind: "bool", default: false, usage: "keep the current value of the key" },
  "ignore-lease": { kind: "bool", default: false, usage: "keep the current lease of the key" },
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

/** `input` is the value if there is no VALUE argument. An empty input counts as missing, as in Go. */
export function putRequest(
  args: readonly Argument[],
  flags: FlagValues<typeof putFlags>,
  input: Uint8Array = emptyBytes,
): PutRequest {
  const [key, value] = args;
  const needsValue = "put command needs 1 argument and input from stdin or 2 arguments";
  if (key === undefined) throw badArgs(needsValue);
  if (flags["ignore-value"] && value !== undefined) {
    throw badArgs("put command needs only 1 argument when 'ignore-value' is set");
  }
  if (!flags["ignore-value"] && value === undefined && input.length === 0) throw badArgs(needsValue);
  const lease = mapParseError(
    ExitCode.badArgs,
    () => parseInt64(flags.lease, 16),
    (reason) => `bad lease ID (${reason}), expecting ID in Hex`,
    leaseIdHints,
  );
  return PutRequest.create({
    key: argumentBytes(key),
    value: value === undefined ? input : argumentBytes(value),
    lease,
    prevKv: flags["prev-kv"],
    ignoreValue: flags["ignore-value"],
    ignoreLease: flags["ignore-lease"],
  });
}
