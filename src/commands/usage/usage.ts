// `usage [PREFIX]`: which keys use the space of the database. Of a backup and a data dir it knows every revision; of a live
// cluster only the present ones.
import { badArgs } from "../../errors";
import { writeHints } from "../../hints";
import { normalPrefix } from "../../kubernetes/registry-keys";
import type { UsageRecord } from "../../offline/usage";
import { argumentBytes } from "../arguments";
import { defineCommand, type CommandContext } from "../command";
import { registryFlags } from "../kubernetes/registry";
import { byDepth, Groups, groupings, RegistryGrouping, type Grouping, type Naming } from "./grouping";
import { readLiveUsage, type UsageReport } from "./live";
import { usagePrinter } from "./print";

const flags = {
  by: {
    kind: "string",
    default: "prefix",
    usage: "how to group the keys: by their beginning, or by resource or namespace of Kubernetes",
    values: groupings,
  },
  depth: {
    kind: "uint",
    default: 0,
    usage: "parts of a key below PREFIX that make a group of --by prefix (default 1, without PREFIX 2)",
  },
  top: { kind: "uint", default: 10, usage: "how many of the largest keys to print" },
  ...registryFlags,
} as const;

export const command = defineCommand({
  flags,
  async run(context, args, values) {
    const [prefix = ""] = args;
    if (args.length > 1) throw badArgs("usage takes one prefix, or none for all keys");
    const by = groupings.find((each) => each === values.by);
    if (by === undefined) throw badArgs(`--by must be one of ${groupings.join(", ")}`);
    const print = usagePrinter(await context.format());
    const start = argumentBytes(prefix).length;
    const read = (naming: Naming): Promise<Counted> =>
      count(context, { prefix, top: values.top, groups: new Groups(naming) });
    const counted =
      by === "prefix"
        ? await read(byDepth(start, values.depth || (start > 0 ? 1 : 2)))
        : await byObject(by, values["registry-prefix"], read);
    const { stdout } = context.io;
    const columns = stdout.isTTY ? stdout.columns : undefined;
    await stdout.write(print({ by, ...counted }, { columns, style: await context.tableStyle() }));
    if (!counted.report.knowsHistory) await writeHints([noHistory], context.io);
  },
});

const noHistory =
  "a live server does not report what old revisions take; a backup does: " +
  "etcdctl snapshot save backup.db, then etcdctl usage --offline=backup.db";

interface Counted {
  readonly names: readonly string[];
  readonly report: UsageReport;
}

/** If no key is below a known storage prefix, a key may have shown which one is in use; then it counts again. */
async function byObject(
  by: Exclude<Grouping, "prefix">,
  typedPrefix: string,
  read: (naming: Naming) => Promise<Counted>,
): Promise<Counted> {
  const grouping = new RegistryGrouping(by, typedPrefix === "" ? undefined : normalPrefix(typedPrefix));
  const counted = await read(grouping);
  if (grouping.foundObjects || grouping.prefixSeen === undefined) return counted;
  return read(new RegistryGrouping(by, grouping.prefixSeen));
}

async function count(
  context: CommandContext,
  { prefix, top, groups }: { readonly prefix: string; readonly top: number; readonly groups: Groups },
): Promise<Counted> {
  const offline = await context.offline();
  if (offline === undefined) {
    const groupOf = (key: string): number => groups.of(key);
    return { names: groups.names, report: await readLiveUsage(context, { prefix, groupOf, top }) };
  }
  const { readUsage } = await import("../../offline/usage");
  const signal = context.io.interrupt;
  const groupOf = (record: UsageRecord): number => groups.ofRecord(record);
  const usage = await readUsage({ ...offline, prefix: argumentBytes(prefix), groupOf, top, signal });
  const { sizeBytes, inUseBytes, revision, compactRevision } = usage.database;
  const database = {
    sizeBytes: BigInt(sizeBytes),
    inUseBytes: BigInt(inUseBytes),
    revision: BigInt(revision),
    compactRevision: BigInt(compactRevision),
  };
  return { names: groups.names, report: { ...usage, knowsHistory: true, database } };
}
