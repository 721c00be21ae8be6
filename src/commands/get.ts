// `get KEY [END]`: reads a key or a range of keys, printed as they arrive (client/range.ts), so that memory stays flat.
// Order and wording of the checks are Go's; whether the format can show --count-only is asked after the answer, as in Go.
// Answers to etcdctl's get_command.go.
import type { FlagTable, FlagValues } from "../cli/flags";
import { readRange } from "../client/range";
import { badArgs, CliError, ExitCode } from "../errors";
import { quote } from "../go/quote";
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
import { defineCommand } from "./command";

export const getFlags = {
  consistency: consistencyFlag,
  order: {
    kind: "string",
    default: "",
    usage: "ASCEND or DESCEND; by default ascending",
    values: ["ASCEND", "DESCEND"],
  },
  "sort-by": {
    kind: "string",
    default: "",
    usage: "CREATE, KEY, MODIFY, VALUE or VERSION; by default the key",
    values: ["CREATE", "KEY", "MODIFY", "VALUE", "VERSION"],
  },
  limit: { kind: "int64", default: 0n, usage: "at most so many keys; 0 is all" },
  prefix: { kind: "bool", default: false, usage: "the keys that begin with KEY" },
  "from-key": { kind: "bool", default: false, usage: "KEY and all keys after it in byte order" },
  rev: { kind: "int64", default: 0n, usage: "as of this revision" },
  "keys-only": { kind: "bool", default: false, usage: "leave the values out" },
  "count-only": { kind: "bool", default: false, usage: "only how many keys there are" },
  "print-value-only": { kind: "bool", default: false, usage: "print only values (with -w simple)" },
  "min-create-rev": { kind: "int64", default: 0n, usage: "only keys created at this revision or later" },
  "max-create-rev": { kind: "int64", default: 0n, usage: "only keys created at this revision or earlier" },
  "min-mod-rev": { kind: "int64", default: 0n, usage: "only keys last changed at this revision or later" },
  "max-mod-rev": { kind: "int64", default: 0n, usage: "only keys last changed at this revision or earlier" },
  stream: { kind: "bool", default: false, usage: "insist on the RangeStream call (etcd 3.7 and later)" },
} as const satisfies FlagTable;

/** Not for a line of txn, which answers for itself. */
const missingFlags = {
  "fail-if-missing": { kind: "bool", default: false, usage: "exit code 1 when there is no such key" },
} as const satisfies FlagTable;

type GetFlags = FlagValues<typeof getFlags>;

/** Not for the lines of txn, which take the other flags of `get`. */
export const treeFlags = {
  tree: {
    kind: "bool",
    default: false,
    usage:
      "draw the keys that begin with KEY as a tree, with how many are in each directory (with -w simple)",
  },
  depth: { kind: "uint", default: 0, usage: "with --tree: draw only so many levels; 0 is all" },
} as const satisfies FlagTable;

export const command = defineCommand({
  flags: { ...getFlags, ...treeFlags, ...missingFlags },
  async run(context, args, flags) {
    const request = rangeRequest(...treeArguments(args, flags));
    const options = rangeOptions(flags);
    const { client, printer } = await context.connect();
    if (flags.tree) printer.range(options); // what cannot draw says so before anything is read
    const { stdout, clock } = context.io;
    const answer = readRange(request, {
      transport: client.transport,
      callOptions: () => context.call(),
      streamOptions: () => context.stream(),
      clock,
      requireStream: flags.stream,
    });
    let begun: { printing: RangePrinter; whole: RangeResponse } | undefined;
    let isFound = false;
    for await (const part of answer) {
      if (begun === undefined) {
        begun = { printing: printer.range(options), whole: part };
        await stdout.write(begun.printing.begin(part.header ?? ResponseHeader.create()));
      }
      isFound ||= part.kvs.length > 0 || (request.countOnly && part.count > 0n);
      if (part.kvs.length > 0) await stdout.write(begun.printing.kvs(part.kvs));
    }
    if (begun) await stdout.write(begun.printing.end(begun.whole));
    if (flags["fail-if-missing"] && !isFound) throw missing(request);
  },
});

function rangeOptions(flags: GetFlags & FlagValues<typeof treeFlags>): RangeOptions {
  return {
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

/** Departure: Go's etcdctl cannot tell a missing key from an empty value. */
function missing({ key, rangeEnd }: RangeRequest): CliError {
  const what =
    rangeEnd.length === 0 ? `no key ${quote(key)}` : `no key in the range that begins at ${quote(key)}`;
  return new CliError(ExitCode.error, what);
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
  if (sortOrder === undefined) throw badFeature(`bad sort order ${flags.order}`);
  const sortTarget = targets.get(flags["sort-by"].toUpperCase());
  if (sortTarget === undefined) throw badFeature(`bad sort target ${flags["sort-by"]}`);
  // Ascending keys are what a server answers anyway; asked for by name, it would read the whole range to sort it.
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

/** Go's client ignores revisions below 1. */
function positive(revision: bigint): bigint {
  return revision > 0n ? revision : 0n;
}

function badFeature(message: string): CliError {
  return new CliError(ExitCode.badFeature, message);
}

// `get --tree`: which keys are asked for when they are drawn as a tree. Ours: etcdctl has nothing like it.
// KEY is then a prefix unless the command line says otherwise, and may be missing for all keys; values stay on the server.

type TreeFlags = FlagValues<typeof treeFlags>;
type Flags = TreeFlags &
  KeyRangeFlags &
  Readonly<Record<"count-only" | "keys-only" | "print-value-only", boolean>>;

/** The arguments and flags of the `get` that reads what is to be drawn. Throws where they contradict `--tree`. */
export function treeArguments<F extends Flags>(
  args: readonly Argument[],
  flags: F,
): [readonly Argument[], F] {
  if (!flags.tree) return [args, flags];
  for (const other of ["count-only", "print-value-only"] as const) {
    if (flags[other])
      throw badArgs(`\`--tree\` and \`--${other}\` cannot be set at the same time, choose one`);
  }
  const prefix = flags.prefix || (args.length < 2 && !flags["from-key"]);
  return [args.length === 0 ? [""] : args, { ...flags, prefix, "keys-only": true }];
}

/** Undefined without `--tree`. */
export function treeOptions({ tree, depth }: TreeFlags): TreeOptions | undefined {
  if (!tree && depth > 0) throw badArgs("--depth is only for `--tree`");
  return tree ? { depth: depth > 0 ? depth : Infinity } : undefined;
}
