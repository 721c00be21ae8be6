// `export [PREFIX]` prints keys with their values and leases as JSON lines, or YAML with -w yaml, for `import`. Memory stays
// constant: keys are printed as they arrive, and a lease before the first key that has it.
import { readRange } from "../../client/range";
import { badArgs, CliError, ExitCode } from "../../errors";
import { hexLeaseId } from "../../output/text";
import { objectWriter, type ObjectFormat } from "../../output/readable/printer";
import type { JsonObject } from "../../output/json-value";
import { readableKeyValue } from "../../output/readable/messages";
import { LeaseTimeToLiveRequest, RangeRequest, type RangeResponse } from "../../proto/gen/etcdserverpb";
import type { EtcdClient } from "../../client/client";
import { keyRange } from "../arguments";
import { defineCommand, type CommandContext } from "../command";
import { formVersion } from "./records";

const flags = {
  rev: { kind: "int64", default: 0n, usage: "export the keys as they were at this revision" },
} as const;

export const command = defineCommand({
  flags,
  async run(context, args, { rev }) {
    const [prefix = ""] = args;
    if (args.length > 1) throw badArgs("export takes one prefix, or none for all keys");
    if (rev < 0n) throw badArgs("--rev must not be negative");
    const write = objectWriter(await exportFormat(context));
    const { client } = await context.connect();
    const { stdout, clock } = context.io;
    const range = keyRange([prefix], { prefix: true, "from-key": false });
    const request = RangeRequest.create({ ...range, revision: rev });
    const parts = readRange(request, {
      transport: client.transport,
      callOptions: () => context.call(),
      streamOptions: () => context.stream(),
      clock,
      requireStream: false,
    });
    const leases = new Leases(context, client);
    let keys = 0;
    let isBegun = false;
    for await (const part of parts) {
      const objects = isBegun ? [] : [beginning(part, rev)];
      isBegun = true;
      for (const kv of part.kvs) {
        const lease = kv.lease === 0n ? undefined : await leases.firstUse(kv.lease);
        if (lease !== undefined) objects.push(lease);
        objects.push(readableKeyValue(kv));
        keys++;
      }
      await stdout.write(write(objects));
    }
    await stdout.write(write([{ end: true, keys }]));
  },
});

async function exportFormat(context: CommandContext): Promise<ObjectFormat> {
  const format = await context.format();
  if (format === "yaml") return "yaml";
  if (format === "simple" || format === "jsonl") return "jsonl";
  throw new CliError(ExitCode.badFeature, `${format} not supported as output format`, {
    hints: ["export prints jsonl (the default) or yaml"],
  });
}

function beginning({ header }: RangeResponse, rev: bigint): JsonObject {
  return { etcdctl_export: formVersion, revision: rev === 0n ? (header?.revision ?? 0n) : rev };
}

class Leases {
  private readonly known = new Set<bigint>();

  constructor(
    private readonly context: CommandContext,
    private readonly client: EtcdClient,
  ) {}

  /** The line of a lease before its first key. None for a lease that has ended meanwhile: import then asks what to do. */
  async firstUse(ID: bigint): Promise<JsonObject | undefined> {
    if (this.known.has(ID)) return undefined;
    this.known.add(ID);
    const request = LeaseTimeToLiveRequest.create({ ID });
    const { grantedTTL, TTL } = await this.client.lease.leaseTimeToLive(request, this.context.call());
    return TTL < 0n ? undefined : { lease: hexLeaseId(ID), granted_ttl: grantedTTL };
  }
}
