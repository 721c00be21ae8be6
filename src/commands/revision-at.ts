// Which revision the store had at a time: a binary search over the revisions finds the last one that a Kubernetes wrote at or
// before the wanted time (kubernetes/written-times.ts).
import type { EtcdClient } from "../client/client";
import { badArgs, CliError, ExitCode } from "../errors";
import { ParseError } from "../go/strconv";
import { parseDuration } from "../go/units";
import type { CommandContext } from "./command";
import { findWrittenTimes, type Look, type WrittenTimes } from "./kubernetes/written-times";

/** Holders of leases write every 2 to 10 seconds. After a longer silence at the end, nothing is known. */
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
  const timeMs = isDate ? Date.parse(withHour(text)) : nowMs - durationMs(text);
  if (Number.isNaN(timeMs)) throw noTime(text);
  if (timeMs > nowMs) throw badArgs(`${text} is in the future`);
  return timeMs;
}

/** Without an hour, JavaScript takes a date for one of UTC. */
function withHour(date: string): string {
  return date.length === 10 ? `${date}T00:00` : date.replace(" ", "T");
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
  const found = await find(text, client, context);
  if (found.revision !== undefined) return found;
  throw cannotFind(`the history begins at revision ${found.begin}, written at ${isoText(found.nextMs)}`, [
    "what is older is compacted (a Kubernetes compacts every five minutes); an older backup may have it: etcdctl --offline=BACKUP.db get KEY",
  ]);
}

/** The first revision after a time, as far as the history is left. */
export async function revisionSince(
  text: string,
  client: EtcdClient,
  context: CommandContext,
): Promise<{ readonly revision: bigint; readonly hint: string }> {
  const found = await find(text, client, context);
  if (found.revision !== undefined) return { revision: found.revision + 1n, hint: revisionHint(text, found) };
  const begin = `revision ${found.begin}, written at ${isoText(found.nextMs)}`;
  return { revision: found.begin, hint: `${text}: the history begins later, at ${begin}` };
}

/** What was found, and how exact it is. */
export function revisionHint(text: string, { revision, timeMs, nextMs }: RevisionAt): string {
  const next = nextMs === undefined ? "" : `, and the next known time is ${isoText(nextMs)}`;
  return `${text}: revision ${revision}, written at ${isoText(timeMs)} by the clocks of the nodes${next}`;
}

function isoText(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

/** The time is before the first revision that is left. */
interface BeforeHistory {
  readonly revision: undefined;
  readonly begin: bigint;
  /** When `begin` was written. */
  readonly nextMs: number;
}

async function find(
  text: string,
  client: EtcdClient,
  context: CommandContext,
): Promise<RevisionAt | BeforeHistory> {
  const targetMs = parseTime(text, context.io.clock.now());
  const times = await findWrittenTimes(client, context);
  if (typeof times === "string") throw cannotFind(times);
  return search(times, targetMs);
}

function cannotFind(
  reason: string,
  hints = [
    "etcdctl history KEY shows the revisions of a key; get takes one with --rev, and diff as @REVISION",
  ],
): CliError {
  return new CliError(ExitCode.error, `the revision at that time cannot be found: ${reason}`, { hints });
}

/** The largest revision whose objects show a time that is not after `targetMs`. */
async function search(
  { noun, latest, headRevision, at }: WrittenTimes,
  targetMs: number,
): Promise<RevisionAt | BeforeHistory> {
  if (latest.timeMs <= targetMs) {
    if (targetMs - latest.timeMs <= longestSilenceMs) return { ...latest, nextMs: undefined };
    throw cannotFind(
      `the last ${noun} was written at ${isoText(latest.timeMs)}, and later changes have no known time`,
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
  return { revision: undefined, begin: next.revision, nextMs: next.timeMs };
}
