// One key: what the store knows of it, its value, its versions, and how two of them differ.
import { structuredPatch } from "diff";
import { readHistory, type HistoryPart } from "../client/history";
import { EtcdError } from "../errors";
import { isServerError } from "../etcd/error-table";
import { LeaseTimeToLiveRequest, RangeRequest } from "../proto/gen/etcdserverpb";
import { Event_EventType, type Event, type KeyValue } from "../proto/gen/mvccpb";
import type { Diff, DiffLine, History, KeyView, Version } from "./api";
import { labelOf } from "./names";
import { callOf, type Caller } from "./source";
import { editableText, linesFor, viewOf, type ViewOptions } from "./values";

/** The key as it was at a revision; 0n: now. */
export async function getOne(
  key: Uint8Array,
  revision: bigint,
  caller: Caller,
): Promise<KeyValue | undefined> {
  const { client } = caller.source;
  try {
    return (await client.kv.range(RangeRequest.create({ key, revision }), callOf(caller))).kvs[0];
  } catch (error) {
    if (!(error instanceof EtcdError && isServerError(error, "compacted"))) throw error;
    const kept = await keptVersion(key, revision, caller);
    if (kept === undefined) throw error;
    return kept;
  }
}

/** A compaction keeps the version that a key had, but it can only be read at a later revision than that which wrote it. */
async function keptVersion(key: Uint8Array, revision: bigint, caller: Caller): Promise<KeyValue | undefined> {
  for await (const part of historyOf(key, revision, caller)) {
    if (part.kind === "base") return part.kvs.find(({ modRevision }) => modRevision === revision);
    if (part.kind === "events") return undefined;
  }
  return undefined;
}

function historyOf(key: Uint8Array, since: bigint | undefined, caller: Caller): AsyncGenerator<HistoryPart> {
  const { client, clock } = caller.source;
  return readHistory({
    ...{ client, clock, key, rangeEnd: new Uint8Array(), since },
    callOptions: () => callOf(caller),
    streamOptions: () => ({ signal: caller.signal }),
  });
}

export async function readKey(
  key: Uint8Array,
  revision: bigint,
  options: ViewOptions,
  caller: Caller,
): Promise<KeyView> {
  const kv = await getOne(key, revision, caller);
  const { value = new Uint8Array(), lease = 0n } = kv ?? {};
  return {
    label: labelOf(key),
    exists: kv !== undefined,
    sizeBytes: value.length,
    version: String(kv?.version ?? ""),
    createRevision: String(kv?.createRevision ?? ""),
    modRevision: String(kv?.modRevision ?? ""),
    lease: leaseText(lease),
    leaseSeconds: lease === 0n ? null : await secondsLeft(lease, caller),
    value: viewOf(key, value, options),
    editable: editableText(key, value, options.reveal),
  };
}

function leaseText(lease: bigint): string {
  return lease === 0n ? "" : lease.toString(16);
}

/** Null when the lease is gone, or when the server does not say. */
async function secondsLeft(lease: bigint, caller: Caller): Promise<number | null> {
  try {
    const request = LeaseTimeToLiveRequest.create({ ID: lease });
    const { TTL } = await caller.source.client.lease.leaseTimeToLive(request, callOf(caller));
    return TTL < 0n ? null : Number(TTL);
  } catch (error) {
    if (error instanceof EtcdError && !caller.signal.aborted) return null;
    throw error;
  }
}

const maxVersions = 500;

export async function readVersions(key: Uint8Array, caller: Caller): Promise<History> {
  const versions: Version[] = [];
  let compactedAt = "";
  let omitted = 0;
  for await (const part of historyOf(key, undefined, caller)) {
    if (part.kind === "compacted") {
      compactedAt = String(part.revision);
      versions.length = 0;
    } else if (part.kind === "base") versions.push(...part.kvs.map((kv) => versionOf("put", kv)));
    else versions.push(...part.events.map(versionOfEvent));
    const tooMany = versions.length - maxVersions;
    if (tooMany > 0) omitted += versions.splice(0, tooMany).length;
  }
  return { versions: versions.reverse(), compactedAt, omitted };
}

function versionOfEvent({ type, kv }: Event): Version {
  return versionOf(type === Event_EventType.PUT ? "put" : "delete", kv as KeyValue);
}

function versionOf(change: Version["change"], { modRevision, version, value, lease }: KeyValue): Version {
  const revision = String(modRevision);
  return { revision, change, version: String(version), sizeBytes: value.length, lease: leaseText(lease) };
}

/** Revision 0 stands for no value. */
export async function readDiff(
  key: Uint8Array,
  revisions: { readonly from: bigint; readonly to: bigint },
  reveal: boolean,
  caller: Caller,
): Promise<Diff> {
  const valueAt = async (revision: bigint): Promise<Uint8Array | undefined> =>
    revision === 0n ? undefined : (await getOne(key, revision, caller))?.value;
  const [before, after] = await Promise.all([valueAt(revisions.from), valueAt(revisions.to)]);
  const [a, b] = [linesFor(key, before, reveal), linesFor(key, after, reveal)];
  if (a === undefined || b === undefined) {
    return { lines: [], note: "The values are secrets.", isHidden: true };
  }
  if (a === b) return { lines: [], note: "Both values are the same." };
  const patch = structuredPatch("a", "b", a, b, "", "", { context: 3, timeout: 2000 });
  if (patch === undefined) return { lines: [], note: "The values differ too much to compare." };
  const lines = patch.hunks.flatMap((hunk, at): DiffLine[] => [
    ...(at > 0 ? [{ kind: "gap", text: "" } as const] : []),
    ...hunk.lines.filter((line) => !line.startsWith("\\")).map(diffLine),
  ]);
  const note = lines.length > maxDiffLines ? `These are the first ${maxDiffLines} lines.` : "";
  return { lines: lines.slice(0, maxDiffLines), note };
}

const maxDiffLines = 5000;

function diffLine(line: string): DiffLine {
  const kind = line.startsWith("+") ? "added" : line.startsWith("-") ? "removed" : "same";
  return { kind, text: line.slice(1) };
}
