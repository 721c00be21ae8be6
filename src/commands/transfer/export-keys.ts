// The keys of a range as the lines that `import` reads: for `export` and for `del --backup`.
import type { EtcdClient } from "../../client/client";
import { readRange } from "../../client/range";
import type { JsonObject } from "../../output/json-value";
import { readableKeyValue } from "../../output/readable/messages";
import { objectWriter, type ObjectFormat } from "../../output/readable/printer";
import { hexLeaseId } from "../../output/text";
import { LeaseTimeToLiveRequest, RangeRequest, type RangeResponse } from "../../proto/gen/etcdserverpb";
import type { KeyRange } from "../arguments";
import { rangeReading, type CommandContext } from "../command";
import { formVersion } from "./records";

export interface Exported {
  readonly keys: number;
  /** The revision at which the keys were read. */
  readonly revision: bigint;
}

/** Writes the keys as they arrive, and a lease before the first key that has it. `revision` 0n means the latest. */
export async function exportKeys(
  context: CommandContext,
  client: EtcdClient,
  range: KeyRange & { readonly revision: bigint },
  format: ObjectFormat,
  write: (bytes: Uint8Array) => Promise<unknown>,
): Promise<Exported> {
  const parts = readRange(RangeRequest.create({ ...range }), rangeReading(context, client));
  const toBytes = objectWriter(format);
  const leases = new Leases(context, client);
  let keys = 0;
  let { revision } = range;
  let isBegun = false;
  for await (const part of parts) {
    if (revision === 0n) revision = part.header?.revision ?? 0n;
    const objects = isBegun ? [] : [{ etcdctl_export: formVersion, revision }];
    isBegun = true;
    await write(toBytes(await lines(part, objects, leases)));
    keys += part.kvs.length;
  }
  await write(toBytes([{ end: true, keys }]));
  return { keys, revision };
}

async function lines({ kvs }: RangeResponse, objects: JsonObject[], leases: Leases): Promise<JsonObject[]> {
  for (const kv of kvs) {
    const lease = kv.lease === 0n ? undefined : await leases.firstUse(kv.lease);
    if (lease !== undefined) objects.push(lease);
    objects.push(readableKeyValue(kv));
  }
  return objects;
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
