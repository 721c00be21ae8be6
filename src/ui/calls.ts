// Every call of the page by its name: what its request must be, and who does the work.
import type { Encoding, Requests, Responses, Streams } from "./api";
import { BadRequest } from "./bad-request";
import { getOne, readDiff, readKey, readVersions } from "./key";
import { readCounts, readLevel } from "./level";
import { watchLive } from "./live";
import { MemberMonitor } from "./members";
import { bytesOf, keyOf } from "./names";
import { search } from "./search";
import { measure } from "./sizes";
import type { Caller, Source } from "./source";
import { put, remove, restore } from "./writes";

/** The body of a call, not checked yet. */
export type Body<T> = { readonly [K in keyof T]?: unknown };

type UnaryCalls = {
  readonly [K in keyof Requests]: (body: Body<Requests[K]>, caller: Caller) => Promise<Responses[K]>;
};
type StreamCalls = {
  readonly [K in keyof Streams]: (
    body: Body<Streams[K]["request"]>,
    caller: Caller,
  ) => AsyncIterable<Streams[K]["line"]>;
};

export interface Calls {
  readonly unary: UnaryCalls;
  readonly streams: StreamCalls;
  /** The bytes of a value, for a download. */
  readonly raw: (body: Body<Requests["key"]>, caller: Caller) => Promise<Uint8Array>;
}

export function callsOf(source: Source, allowWrites: boolean): Calls {
  const monitor = new MemberMonitor(source);
  const writing = <B>(write: (body: B, caller: Caller) => Promise<Responses["put"]>) => {
    return async (body: B, caller: Caller) => {
      if (!allowWrites)
        throw new BadRequest("this page is read-only: start etcdctl ui with --allow-writes", 403);
      return write(body, caller);
    };
  };
  return {
    unary: {
      about: () => Promise.resolve({ source: { kind: source.kind, name: source.name }, allowWrites }),
      level: ({ prefix, after }, caller) =>
        readLevel(bytesOf(prefix, "prefix"), typeof after === "string" ? after : undefined, caller),
      counts: ({ prefixes }, caller) => readCounts(prefixList(prefixes), caller),
      key: ({ key, revision, encoding, reveal }, caller) =>
        readKey(
          keyOf(key),
          revisionOf(revision),
          { encoding: encodingOf(encoding), reveal: reveal === true },
          caller,
        ),
      history: ({ key }, caller) => readVersions(keyOf(key), caller),
      diff: ({ key, from, to, reveal }, caller) =>
        readDiff(keyOf(key), { from: revisionOf(from), to: revisionOf(to) }, reveal === true, caller),
      members: ({ since }, caller) => monitor.read(typeof since === "number" ? since : 0, caller),
      put: writing(({ key, value, modRevision }, caller) =>
        put(keyOf(key), Buffer.from(textOf(value, "value")), revisionOf(modRevision), caller),
      ),
      delete: writing(({ key, modRevision }, caller) => remove(keyOf(key), revisionOf(modRevision), caller)),
      restore: writing(({ key, revision, modRevision }, caller) =>
        restore(keyOf(key), revisionOf(revision), revisionOf(modRevision), caller),
      ),
    },
    streams: {
      search: ({ prefix, text }, caller) => search(bytesOf(prefix, "prefix"), textOf(text, "text"), caller),
      sizes: ({ prefix }, caller) => measure(bytesOf(prefix, "prefix"), caller),
      live: ({ prefix }, caller) => watchLive(bytesOf(prefix, "prefix"), caller),
    },
    raw: async ({ key, revision }, caller) => {
      const kv = await getOne(keyOf(key), revisionOf(revision), caller);
      if (kv === undefined) throw new BadRequest("the key does not exist", 404);
      return kv.value;
    },
  };
}

const maxPrefixes = 100;

function prefixList(value: unknown): Uint8Array[] {
  if (!Array.isArray(value) || value.length > maxPrefixes)
    throw new BadRequest("prefixes must be a list of at most 100");
  return value.map((prefix) => bytesOf(prefix, "prefixes"));
}

function revisionOf(value: unknown): bigint {
  if (value === undefined) return 0n;
  const text = textOf(value, "revision");
  if (!/^\d{1,18}$/.test(text)) throw new BadRequest("a revision must be a decimal number");
  return BigInt(text);
}

function textOf(value: unknown, field: string): string {
  if (typeof value !== "string") throw new BadRequest(`${field} must be a string`);
  return value;
}

const encodings: readonly Encoding[] = ["decoded", "text", "hex", "base64"];

function encodingOf(value: unknown): Encoding {
  if (value === undefined) return "decoded";
  const encoding = encodings.find((each) => each === value);
  if (encoding === undefined) throw new BadRequest(`encoding must be one of ${encodings.join(", ")}`);
  return encoding;
}
