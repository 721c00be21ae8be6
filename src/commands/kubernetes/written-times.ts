// When a Kubernetes wrote: etcd keeps no times, but the holders of leases (kubelets, controllers) write the present time into
// them every few seconds, and an event says when it happened. So the leases or events as they were at a revision show its
// time. Leases come first: they are written without a pause.
import type { EtcdClient } from "../../client/client";
import { EtcdError } from "../../errors";
import { isServerError } from "../../etcd/error-table";
import { prefixEnd } from "../../etcd/keys";
import { rawBytes } from "../../go/raw-text";
import { decodeStored } from "../../kubernetes/stored";
import { get, textOf, type TreeObject } from "../../kubernetes/tree";
import { RangeRequest, RangeRequest_SortOrder, RangeRequest_SortTarget } from "../../proto/gen/etcdserverpb";
import type { KeyValue } from "../../proto/gen/mvccpb";
import type { CommandContext } from "../command";
import { findRegistryPrefix } from "./registry";

/** The latest of these many objects counts: the clock of one writer may be slow. */
const objectsPerLook = 10n;

/** What the objects show at a revision. */
export interface Look {
  /** The latest change of such an object. */
  readonly revision: bigint;
  readonly timeMs: number;
}

export interface WrittenTimes {
  /** `lease` or `event`. */
  readonly noun: string;
  readonly latest: Look;
  readonly headRevision: bigint;
  /** Undefined: at that revision there was no object with a time. */
  at(revision: bigint): Promise<Look | "compacted" | undefined>;
}

/** Where there are no times: the reason, for an error. */
export async function findWrittenTimes(
  client: EtcdClient,
  context: CommandContext,
): Promise<WrittenTimes | string> {
  const prefix = (await findRegistryPrefix(context, client)) ?? "/registry";
  let reason: string | undefined;
  for (const { noun, directory } of sources) {
    const found = await timesBelow(client, context, noun, `${prefix}/${directory}/`);
    if (typeof found === "object") return found;
    reason ??= found;
  }
  return reason ?? `no key is below ${prefix}/leases/, where a Kubernetes keeps the times that are needed`;
}

const sources = [
  { noun: "lease", directory: "leases" },
  { noun: "event", directory: "events" },
] as const;

/** Undefined: no such keys. Text: why they show no time. */
async function timesBelow(
  client: EtcdClient,
  context: CommandContext,
  noun: string,
  directory: string,
): Promise<WrittenTimes | string | undefined> {
  const key = rawBytes(directory);
  const request = RangeRequest.create({
    key,
    rangeEnd: prefixEnd(key),
    limit: objectsPerLook,
    sortTarget: RangeRequest_SortTarget.MOD,
    sortOrder: RangeRequest_SortOrder.DESCEND,
  });
  const look = (revision: bigint) => client.kv.range({ ...request, revision }, context.call());
  const { header, kvs } = await look(0n);
  const [first] = kvs;
  if (first === undefined) return undefined;
  const latest = lookOf(kvs);
  if (latest === undefined) {
    const isEncrypted = decodeStored(first.value).encoding === "encrypted";
    return `the ${noun}s below ${directory} ${isEncrypted ? "are encrypted" : "have no time that can be read"}`;
  }
  const at = async (revision: bigint) => {
    try {
      return lookOf((await look(revision)).kvs);
    } catch (error) {
      if (error instanceof EtcdError && isServerError(error, "compacted")) return "compacted";
      throw error;
    }
  };
  return { noun, latest, headRevision: header?.revision ?? 0n, at };
}

function lookOf(kvs: readonly KeyValue[]): Look | undefined {
  const times = kvs.flatMap(({ value }) => timesOf(decodeStored(value).object));
  if (times.length === 0) return undefined;
  return { revision: kvs[0]?.modRevision ?? 0n, timeMs: Math.max(...times) };
}

/** When the lease was renewed, or the event happened. */
function timesOf(object: TreeObject | undefined): number[] {
  const spec = get(object, "spec");
  const texts = [
    textOf(spec, "renewTime") || textOf(spec, "acquireTime"),
    textOf(object, "lastTimestamp"),
    textOf(object, "eventTime"),
    textOf(get(object, "series"), "lastObservedTime"),
  ];
  return texts.map((text) => Date.parse(text)).filter((timeMs) => !Number.isNaN(timeMs));
}
