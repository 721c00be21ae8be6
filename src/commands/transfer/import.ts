// `import FILE` writes the keys of an export into a cluster. It reads a batch of keys first and writes only those that
// differ, in one transaction that changes nothing if one of them was written meanwhile. So a second run after an
// interruption ends with the same keys, and what is equal gets no new revision.
import type { FlagTable, FlagValues } from "../../input/flags";
import { badArgs, CliError, ExitCode } from "../../errors";
import { isServerError } from "../../etcd/error-table";
import { quote } from "../../go/quote";
import { rawBytes } from "../../go/raw-text";
import { writeHints } from "../../hints";
import { LeaseGrantRequest } from "../../proto/gen/etcdserverpb";
import { defineCommand } from "../command";
import type { CommandContext } from "../command";
import type { EtcdClient } from "../../client/client";
import { hexLeaseId } from "../../output/text";
import { reportPrinter } from "../report-printer";
import { ImportWriter, type ImportCounts } from "./import-writer";
import { readRecords } from "./read-records";
import type { KeyRecord, TransferRecord } from "./records";

const flags = {
  prefix: { kind: "string", default: "", usage: "import only the keys that begin with this prefix" },
  map: {
    kind: "texts",
    default: [],
    usage: "OLD=NEW: write the keys that begin with OLD under NEW; repeatable, the first match counts",
  },
  "if-absent": { kind: "bool", default: false, usage: "leave keys that exist as they are" },
  "dry-run": { kind: "bool", default: false, usage: "count what would change, but write nothing" },
  "ignore-leases": { kind: "bool", default: false, usage: "write the keys without their leases" },
  "max-txn-ops": { kind: "uint", default: 128, usage: "maximum number of keys in one transaction" },
} as const satisfies FlagTable;

type ImportFlags = FlagValues<typeof flags>;

export const command = defineCommand({
  flags,
  async run(context, args, values) {
    const [file] = args;
    if (file === undefined || args.length > 1)
      throw badArgs("import takes one file, or - for standard input");
    if (values["max-txn-ops"] < 1) throw badArgs("--max-txn-ops must be at least 1");
    const mapKey = keyMapper(values.map);
    const print = reportPrinter(await context.format(), await context.tableStyle());
    const { client } = await context.connect();
    const options = {
      maxTxnOps: values["max-txn-ops"],
      onlyAbsent: values["if-absent"],
      isDryRun: values["dry-run"],
      callOptions: () => context.call(),
    };
    const writer = new ImportWriter(client, options);
    const leases = new LeaseImporter(client, context, values);
    const prefix = rawBytes(values.prefix);
    const progress = context.io.progress();
    const isComplete = new Completeness();
    try {
      for await (const record of readRecords(file, context.io)) {
        isComplete.see(record);
        if (record.kind === "lease") leases.see(record.id, record.ttlSeconds);
        if (record.kind !== "key" || !startsWith(record.key, prefix)) continue;
        const lease = await leases.leaseOf(record);
        await writer.add({ key: mapKey(record.key), value: record.value, lease });
        progress.update(`${writer.counts.total} keys`);
      }
      await writer.flush();
    } finally {
      progress.stop();
    }
    await context.io.stdout.write(print({ fields: reportFields(writer.counts) }));
    if (values["dry-run"]) await writeHints(["this was a dry run, nothing has been written"], context.io);
    isComplete.check();
  },
});

function reportFields({ added, changed, unchanged, skipped }: ImportCounts) {
  return Object.entries({ added, changed, unchanged, skipped }).map(([name, value]) => ({
    title: name.toUpperCase(),
    fieldName: name.charAt(0).toUpperCase() + name.slice(1),
    jsonName: name,
    value,
    shown: `${value} ${name}`,
  }));
}

function keyMapper(maps: readonly string[]): (key: Buffer) => Buffer {
  const pairs = maps.map((map) => {
    const at = map.indexOf("=");
    if (at < 0) throw badArgs(`--map ${map}: there is no = between the old and the new prefix`);
    return { from: rawBytes(map.slice(0, at)), to: rawBytes(map.slice(at + 1)) };
  });
  return (key) => {
    const pair = pairs.find(({ from }) => startsWith(key, from));
    const mapped = pair ? Buffer.concat([pair.to, key.subarray(pair.from.length)]) : key;
    if (mapped.length === 0) throw badArgs(`--map leaves nothing of the key ${quote(key)}`);
    return mapped;
  };
}

function startsWith(key: Buffer, prefix: Buffer): boolean {
  return key.subarray(0, prefix.length).equals(prefix);
}

/** An export that was cut off has no last line. */
class Completeness {
  private isExport = false;
  private isEnded = false;
  private keys = 0;
  private expected = 0;

  see(record: TransferRecord): void {
    if (record.kind === "begin") this.isExport = true;
    if (record.kind === "key") this.keys++;
    if (record.kind !== "end") return;
    this.isEnded = true;
    this.expected = record.keys;
  }

  check(): void {
    if (!this.isExport || (this.isEnded && this.keys === this.expected)) return;
    const found = this.isEnded ? `it has ${this.keys} keys of ${this.expected}` : "its last line is missing";
    throw new CliError(ExitCode.error, `the export is not complete: ${found}`, {
      hints: [
        "the keys in it have been imported; export again, and import again: equal keys are not written twice",
      ],
    });
  }
}

/** Grants the leases of imported keys, with their IDs and times to live, before the first key that needs them. */
class LeaseImporter {
  private readonly ttls = new Map<bigint, bigint>();
  private readonly granted = new Set<bigint>();

  constructor(
    private readonly client: EtcdClient,
    private readonly context: CommandContext,
    private readonly flags: Pick<ImportFlags, "ignore-leases" | "dry-run">,
  ) {}

  see(id: bigint, ttlSeconds: bigint): void {
    this.ttls.set(id, ttlSeconds);
  }

  async leaseOf({ key, lease: ID }: KeyRecord): Promise<bigint> {
    if (ID === 0n || this.flags["ignore-leases"]) return 0n;
    if (this.granted.has(ID)) return ID;
    const TTL = this.ttls.get(ID);
    if (TTL === undefined) {
      throw new CliError(
        ExitCode.error,
        `the key ${quote(key)} has lease ${hexLeaseId(ID)}, whose time to live is not in the file`,
        { hints: ["--ignore-leases imports the keys without leases"] },
      );
    }
    if (!this.flags["dry-run"]) await this.grant(ID, TTL);
    this.granted.add(ID);
    return ID;
  }

  private async grant(ID: bigint, TTL: bigint): Promise<void> {
    try {
      await this.client.lease.leaseGrant(LeaseGrantRequest.create({ ID, TTL }), this.context.call());
    } catch (error) {
      // An earlier run has granted it, or the cluster is the one that was exported.
      if (!isServerError(error, "leaseExist")) throw error;
    }
  }
}
