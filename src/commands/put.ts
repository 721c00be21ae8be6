// `put KEY [VALUE]`. Without VALUE, all of stdin is the value, including a newline at the end. The checks have Go's order and
// texts.
// Go: etcdctl/ctlv3/command/put_command.go.
import type { FlagTable, FlagValues } from "../input/flags";
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

/** A departure: Go's etcdctl does not have it. */
const encodeFlag = {
  encode: {
    kind: "string",
    default: "",
    noOptDefault: "auto",
    usage:
      "VALUE is a Kubernetes object in YAML or JSON: store it as an API server does; auto: custom resources as JSON, others as protobuf",
    values: ["auto", "protobuf", "json"],
  },
} as const satisfies FlagTable;

export const command = defineCommand({
  flags: { ...putFlags, ...encodeFlag },
  async run(context, args, flags) {
    const isValueFromStdin = args.length === 1 && !flags["ignore-value"];
    const input = isValueFromStdin ? await readAll(context.io.stdin) : emptyBytes;
    const typed = putRequest(args, flags, input);
    const request = flags.encode === "" ? typed : await withEncodedValue(typed, flags);
    const { client, printer } = await context.connect();
    await context.io.stdout.write(printer.put(await client.kv.put(request, context.call())));
  },
});

async function withEncodedValue(
  request: PutRequest,
  flags: FlagValues<typeof encodeFlag & typeof putFlags>,
): Promise<PutRequest> {
  if (flags["ignore-value"]) throw badArgs("--encode needs a value, so not --ignore-value");
  const encoding = { auto: undefined, protobuf: "protobuf", json: "json" } as const;
  if (!Object.hasOwn(encoding, flags.encode)) {
    throw badArgs(`--encode must be auto, protobuf or json, not ${JSON.stringify(flags.encode)}`);
  }
  const { encodeInput } = await import("./object-input");
  const value = encodeInput(request.value, "--encode", encoding[flags.encode as keyof typeof encoding]);
  return { ...request, value };
}

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
