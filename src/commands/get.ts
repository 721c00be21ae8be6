// `get KEY [END]`. Prints the keys of a large range in parts as they arrive (client/range.ts), so that memory use stays constant.
// The checks have Go's order and texts; a format that does not support --count-only fails after the response, as in Go.
// Go: etcdctl/ctlv3/command/get_command.go.
import type { FlagTable, FlagValues } from "../input/flags";
import type { EtcdClient } from "../client/client";
import { readRange } from "../client/range";
import { badArgs, CliError, ExitCode } from "../errors";
import { quote } from "../go/quote";
import { writeHints } from "../hints";
import type { RangeOptions, RangePrinter, TreeOptions } from "../output/printer";
import type { RangeResponse } from "../proto/gen/etcdserverpb";
import {
  RangeRequest,
  RangeRequest_SortOrder,
  RangeRequest_SortTarget,
  ResponseHeader,
} from "../proto/gen/etcdserverpb";
import type { KeyRangeFlags, Argument } from "./arguments";
import { checkPrefixOrFromKey, consistencyFlag, isSerializable, keyRange } from "./arguments";
import { defineCommand, rangeReading, type CommandContext } from "./command";
import { encryptionFlags, objectFlags, objectPrinterFor, valueOpenerFor } from "./object-flags";

/** The executable's runtime lets 13 MiB of garbage pile up while 100,000 keys are printed. A collection takes 3 ms. */
const keysPerCollection = 15_000;
const runtime = globalThis as unknown as { readonly Bun?: { gc(waits: boolean): void } };

/** The flags that a line of txn takes as well. */
export const getFlags = {
  consistency: consistencyFlag,
  order: {
    kind: "string",
    default: "",
    usage: "sort order: ASCEND or DESCEND; default: ascending",
    values: ["ASCEND", "DESCEND"],
  },
  "sort-by": {
    kind: "string",
    default: "",
    usage: "sort by CREATE, KEY, MODIFY, VALUE or VERSION; default: KEY",
    values: ["CREATE", "KEY", "MODIFY", "VALUE", "VERSION"],
  },
  limit: { kind: "int64", default: 0n, usage: "maximum number of keys; 0: no limit" },
  prefix: { kind: "bool", default: false, usage: "all keys that begin with KEY" },
  "from-key": { kind: "bool", default: false, usage: "KEY and all keys after it in byte order" },
  rev: { kind: "int64", default: 0n, usage: "read the keys as they were at this revision" },
  "keys-only": { kind: "bool", default: false, usage: "print only keys, without values" },
  "count-only": { kind: "bool", default: false, usage: "print only the number of keys" },
  "print-value-only": {
    kind: "bool",
    default: false,
    usage: "print only values, without keys (with -w simple)",
  },
  "min-create-rev": { kind: "int64", default: 0n, usage: "only keys created at this revision or later" },
  "max-create-rev": { kind: "int64", default: 0n, usage: "only keys created at this revision or earlier" },
  "min-mod-rev": { kind: "int64", default: 0n, usage: "only keys last changed at this revision or later" },
  "max-mod-rev": { kind: "int64", default: 0n, usage: "only keys last changed at this revision or earlier" },
  stream: {
    kind: "bool",
    default: false,
    usage: "use the RangeStream call, and fail on a server before etcd 3.7",
  },
} as const satisfies FlagTable;

const treeFlags = {
  tree: {
    kind: "bool",
    default: false,
    usage:
      "draw the keys that begin with KEY as a tree, with the number of keys in each directory (with -w simple)",
  },
  depth: { kind: "uint", default: 0, usage: "maximum number of levels of --tree; 0: no limit" },
} as const satisfies FlagTable;

/** The flags without getFlags are departures: Go's etcdctl has none of them. */
const commandFlags = {
  ...getFlags,
  ...treeFlags,
  ...objectFlags,
  at: {
    kind: "string",
    default: "",
    usage: "read the keys as they were 10m ago, or at a time: found by the leases of a Kubernetes",
  },
  ...encryptionFlags,
  "fail-if-missing": { kind: "bool", default: false, usage: "exit with code 1 if no key is found" },
} as const satisfies FlagTable;

type GetFlags = FlagValues<typeof getFlags>;
type TreeFlags = FlagValues<typeof treeFlags>;

export const command = defineCommand({
  flags: commandFlags,
  async run(context, args, flags) {
    const typed = rangeRequest(...treeArguments(args, flags));
    if (flags.at !== "" && typed.revision > 0n) {
      throw badArgs("`--at` and `--rev` cannot be set at the same time, choose one");
    }
    const options = rangeOptions(flags, typed);
    const connection = await context.connect();
    const { client } = connection;
    const hasValues = !flags.tree && !flags["keys-only"] && !flags["count-only"];
    const printer = hasValues ? await objectPrinterFor(context, connection, flags) : connection.printer;
    const request = flags.at === "" ? typed : await requestAt(flags.at, typed, client, context);
    if (flags.tree) printer.range(options); // Throws before the first request if the format cannot draw a tree.
    const { stdout } = context.io;
    const responses = readRange(request, { ...rangeReading(context, client), requireStream: flags.stream });
    let output: { printer: RangePrinter; first: RangeResponse } | undefined;
    const opener = await valueOpenerFor(context, flags);
    let isFound = false;
    let uncollectedKeys = 0;
    for await (const response of responses) {
      if (output === undefined) {
        output = { printer: printer.range(options), first: response };
        await stdout.write(output.printer.begin(response.header ?? ResponseHeader.create()));
      }
      isFound ||= response.kvs.length > 0 || (request.countOnly && response.count > 0n);
      if (response.kvs.length > 0)
        await stdout.write(output.printer.kvs(opener?.open(response.kvs) ?? response.kvs));
      uncollectedKeys += response.kvs.length;
      if (uncollectedKeys < keysPerCollection) continue;
      uncollectedKeys = 0;
      runtime.Bun?.gc(true);
    }
    if (output) await stdout.write(output.printer.end(output.first));
    await opener?.report();
    if (flags["fail-if-missing"] && !isFound) throw notFoundError(request);
  },
});

async function requestAt(
  time: string,
  request: RangeRequest,
  client: EtcdClient,
  context: CommandContext,
): Promise<RangeRequest> {
  const { revisionAt, revisionHint } = await import("./revision-at");
  const found = await revisionAt(time, client, context);
  await writeHints([revisionHint(`--at ${time}`, found)], context.io);
  return { ...request, revision: found.revision };
}

function rangeOptions(flags: GetFlags & TreeFlags, { rangeEnd }: RangeRequest): RangeOptions {
  return {
    isOneKey: rangeEnd.length === 0,
    countOnly: flags["count-only"],
    valueOnly: flags["print-value-only"],
    keysOnly: flags["keys-only"],
    tree: treeOptions(flags),
  };
}

export function rangeRequest(args: readonly Argument[], flags: GetFlags): RangeRequest {
  if (args.length === 0) {
    throw badArgs("get command needs one argument as key and an optional argument as range_end");
  }
  checkPrefixOrFromKey(flags);
  if (flags["keys-only"] && flags["count-only"]) {
    throw badArgs("`--keys-only` and `--count-only` cannot be set at the same time, choose one");
  }
  const serializable = isSerializable(flags.consistency);
  return RangeRequest.create({
    ...keyRange(args, flags),
    serializable,
    limit: flags.limit,
    revision: positive(flags.rev),
    ...sorting(flags),
    keysOnly: flags["keys-only"],
    countOnly: flags["count-only"],
    ...revisionFilters(flags),
  });
}

function notFoundError({ key, rangeEnd }: RangeRequest): CliError {
  const message =
    rangeEnd.length === 0 ? `no key ${quote(key)}` : `no key in the range that begins at ${quote(key)}`;
  return new CliError(ExitCode.error, message);
}

const orders: ReadonlyMap<string, number> = new Map([
  ["", RangeRequest_SortOrder.NONE],
  ["ASCEND", RangeRequest_SortOrder.ASCEND],
  ["DESCEND", RangeRequest_SortOrder.DESCEND],
]);

const targets: ReadonlyMap<string, number> = new Map([
  ["", RangeRequest_SortTarget.KEY],
  ["CREATE", RangeRequest_SortTarget.CREATE],
  ["KEY", RangeRequest_SortTarget.KEY],
  ["MODIFY", RangeRequest_SortTarget.MOD],
  ["VALUE", RangeRequest_SortTarget.VALUE],
  ["VERSION", RangeRequest_SortTarget.VERSION],
]);

function sorting(flags: GetFlags): Pick<RangeRequest, "sortOrder" | "sortTarget"> {
  const sortOrder = orders.get(flags.order.toUpperCase());
  if (sortOrder === undefined) throw badFeature(`bad sort order ${flags.order}`, orders);
  const sortTarget = targets.get(flags["sort-by"].toUpperCase());
  if (sortTarget === undefined) throw badFeature(`bad sort target ${flags["sort-by"]}`, targets);
  // The server returns keys in ascending order anyway. If the request asked for it, the server would sort the whole range first.
  const isDefault = sortTarget === RangeRequest_SortTarget.KEY && sortOrder === RangeRequest_SortOrder.ASCEND;
  return { sortTarget, sortOrder: isDefault ? RangeRequest_SortOrder.NONE : sortOrder };
}

function revisionFilters(flags: GetFlags): Partial<RangeRequest> {
  const minCreateRevision = flags["min-create-rev"];
  const maxCreateRevision = flags["max-create-rev"];
  const minModRevision = flags["min-mod-rev"];
  const maxModRevision = flags["max-mod-rev"];
  checkOrder("CreateRev", minCreateRevision, maxCreateRevision);
  checkOrder("ModRev", minModRevision, maxModRevision);
  return {
    minCreateRevision: positive(minCreateRevision),
    maxCreateRevision: positive(maxCreateRevision),
    minModRevision: positive(minModRevision),
    maxModRevision: positive(maxModRevision),
  };
}

function checkOrder(name: string, min: bigint, max: bigint): void {
  if (max > 0n && min > max) throw badFeature(`getMin${name}(=${min}) > getMax${name}(=${max})`);
}

/** Go's client ignores a revision below 1. */
function positive(revision: bigint): bigint {
  return revision > 0n ? revision : 0n;
}

function badFeature(message: string, choices?: ReadonlyMap<string, number>): CliError {
  const names = [...(choices?.keys() ?? [])].filter((name) => name !== "");
  const hints = names.length > 0 ? [`choose ${names.join(", ")}`] : [];
  return new CliError(ExitCode.badFeature, message, { hints });
}

type TreeArgumentFlags = TreeFlags &
  KeyRangeFlags &
  Readonly<Record<"count-only" | "keys-only" | "print-value-only", boolean>>;

/**
 * The arguments and flags of the range to read for --tree; unchanged without --tree. KEY is a prefix unless END or --from-key is
 * given. Without KEY, all keys are read. The server sends no values.
 */
function treeArguments<F extends TreeArgumentFlags>(
  args: readonly Argument[],
  flags: F,
): [readonly Argument[], F] {
  if (!flags.tree) return [args, flags];
  for (const other of ["count-only", "print-value-only"] as const) {
    if (flags[other]) {
      throw badArgs(`\`--tree\` and \`--${other}\` cannot be set at the same time, choose one`);
    }
  }
  const prefix = flags.prefix || (args.length < 2 && !flags["from-key"]);
  return [args.length === 0 ? [""] : args, { ...flags, prefix, "keys-only": true }];
}

/** Undefined without --tree. */
function treeOptions({ tree, depth }: TreeFlags): TreeOptions | undefined {
  if (!tree && depth > 0) throw badArgs("--depth requires --tree");
  return tree ? { depth: depth > 0 ? depth : Infinity } : undefined;
}
