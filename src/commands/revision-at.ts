// Which revision the store had at a time. etcd keeps no times, but in a Kubernetes the holders of leases (kubelets, controllers)
// write the present time into them every few seconds. So the leases as they were at a revision show its time, and a
// binary search over the revisions finds the last one that was written at or before the wanted time.
import type { EtcdClient } from "../client/client";
import { badArgs, CliError, EtcdError, ExitCode } from "../errors";
import { isServerError } from "../etcd/error-table";
import { prefixEnd } from "../etcd/keys";
import { ParseError } from "../go/strconv";
import { parseDuration } from "../go/units";
import { knownPrefixes } from "../kubernetes/registry-keys";
import { decodeStored, type Tree, type TreeObject } from "../kubernetes/stored";
import { RangeRequest, RangeRequest_SortOrder, RangeRequest_SortTarget } from "../proto/gen/etcdserverpb";
import type { CommandContext } from "./command";

/** The latest of these many leases counts: the clock of one holder may be slow. */
const leasesPerLook = 10n;
/** Holders write every 2 to 10 seconds. After a longer silence at the end, nothing is known. */
const longestSilenceMs = 60_000;

export interface RevisionAt {
  readonly revision: bigint;
  /** When that revision was written. */
  readonly timeMs: number;
  /** The next time that a lease shows; undefined at the end. */
  readonly nextMs: number | undefined;
}

/** `10m` (ago), `2026-11-27T20:00:00Z`, or without a zone in the time of this host. Throws CliError for other texts. */
export function parseTime(text: string, nowMs: number): number {
  const isDate = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/.test(text);
  const timeMs = isDate ? Date.parse(text.replace(" ", "T")) : nowMs - durationMs(text);
  if (Number.isNaN(timeMs)) throw noTime(text);
  if (timeMs > nowMs) throw badArgs(`${text} is in the future`);
  return timeMs;
}

function durationMs(text: string): number {
  try {
    return Number(parseDuration(text)) / 1e6;
  } catch (error) {
    if (error instanceof ParseError) throw noTime(text);
    throw error;
  }
}

function noTime(text: string): CliError {
  return badArgs(`${text} is no time`, { hints: ["write 10m (ago), or 2026-11-27T20:00:00Z"] });
}

/** Throws CliError where the revision cannot be found out, with the reason. */
export async function revisionAt(
  text: string,
  client: EtcdClient,
  context: CommandContext,
): Promise<RevisionAt> {
  const targetMs = parseTime(text, context.io.clock.now());
  const leases = await findLeases(client, context);
  return search(leases, targetMs);
}

/** Prints what was found, and how exact it is. */
export function revisionHint(text: string, { revision, timeMs, nextMs }: RevisionAt): string {
  const next = nextMs === undefined ? "" : `, and the next known time is ${isoText(nextMs)}`;
  return `${text}: revision ${revision}, written at ${isoText(timeMs)} by the clocks of the nodes${next}`;
}

function isoText(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

/** What the leases show at a revision. */
interface Look {
  /** The latest change of a lease. */
  readonly revision: bigint;
  readonly timeMs: number;
}

interface Leases {
  readonly latest: Look;
  readonly headRevision: bigint;
  /** Undefined: at that revision there was no lease with a time. */
  at(revision: bigint): Promise<Look | "compacted" | undefined>;
}

async function findLeases(client: EtcdClient, context: CommandContext): Promise<Leases> {
  for (const prefix of knownPrefixes) {
    const key = Buffer.from(`${prefix}/leases/`);
    const request = RangeRequest.create({
      key,
      rangeEnd: prefixEnd(key),
      limit: leasesPerLook,
      sortTarget: RangeRequest_SortTarget.MOD,
      sortOrder: RangeRequest_SortOrder.DESCEND,
    });
    const look = async (revision: bigint) => client.kv.range({ ...request, revision }, context.call());
    const { header, kvs } = await look(0n);
    if (kvs.length === 0) continue;
    const latest = lookOf(kvs);
    if (latest === undefined) throw unreadable(kvs[0]?.value ?? Buffer.alloc(0), `${prefix}/leases/`);
    const at = async (revision: bigint) => {
      try {
        return lookOf((await look(revision)).kvs);
      } catch (error) {
        if (error instanceof EtcdError && isServerError(error, "compacted")) return "compacted";
        throw error;
      }
    };
    return { latest, headRevision: header?.revision ?? 0n, at };
  }
  throw cannotFind("no key is below /registry/leases/, where a Kubernetes keeps the times that are needed");
}

function lookOf(
  kvs: readonly { readonly value: Uint8Array; readonly modRevision: bigint }[],
): Look | undefined {
  const times = kvs.map(({ value }) => renewTimeOf(value)).filter((time) => time !== undefined);
  if (times.length === 0) return undefined;
  return { revision: kvs[0]?.modRevision ?? 0n, timeMs: Math.max(...times) };
}

function renewTimeOf(value: Uint8Array): number | undefined {
  const spec = field(decodeStored(value).object, "spec");
  const text = field(spec, "renewTime") ?? field(spec, "acquireTime");
  const timeMs = typeof text === "string" ? Date.parse(text) : NaN;
  return Number.isNaN(timeMs) ? undefined : timeMs;
}

function field(tree: Tree | undefined, name: string): Tree | undefined {
  if (typeof tree !== "object" || tree === null || Array.isArray(tree)) return undefined;
  return Object.hasOwn(tree, name) ? (tree as TreeObject)[name] : undefined;
}

function unreadable(value: Uint8Array, place: string): CliError {
  const isEncrypted = decodeStored(value).encoding === "encrypted";
  return cannotFind(
    `the leases below ${place} ${isEncrypted ? "are encrypted" : "have no time that can be read"}`,
  );
}

function cannotFind(reason: string): CliError {
  return new CliError(ExitCode.error, `the revision at that time cannot be found: ${reason}`, {
    hints: ["name a revision with --rev; etcdctl history KEY shows the revisions of a key"],
  });
}

/** The largest revision whose leases show a time that is not after `targetMs`. */
async function search({ latest, headRevision, at }: Leases, targetMs: number): Promise<RevisionAt> {
  if (latest.timeMs <= targetMs) {
    if (targetMs - latest.timeMs <= longestSilenceMs) return { ...latest, nextMs: undefined };
    throw cannotFind(
      `the last lease was renewed at ${isoText(latest.timeMs)}, and later changes have no known time`,
    );
  }
  let [low, high] = [1n, headRevision - 1n];
  let found: Look | undefined;
  let next = latest;
  while (low <= high) {
    const middle = (low + high) / 2n;
    const look = await at(middle);
    if (look === undefined || look === "compacted") low = middle + 1n;
    else if (look.timeMs <= targetMs) {
      found = look;
      low = middle + 1n;
    } else {
      next = look;
      high = middle - 1n;
    }
  }
  if (found !== undefined) return { ...found, nextMs: next.timeMs };
  throw new CliError(
    ExitCode.error,
    `the revision at that time cannot be found: the history begins at revision ${next.revision}, written at ${isoText(next.timeMs)}`,
    {
      hints: [
        "what is older is compacted (a Kubernetes compacts every five minutes); an older backup may have it: etcdctl --offline=BACKUP.db get KEY",
      ],
    },
  );
}
