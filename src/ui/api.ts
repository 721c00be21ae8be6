// What the page and its server say to each other: each call is a POST of JSON to /api/NAME. Keys are base64, since they are
// any bytes; a `label` is the key as text that neither a page nor a terminal obeys. Revisions and IDs are decimal strings.
// The page compiles this file too, so it may import nothing.

/** base64 of any bytes. */
export type Bytes64 = string;

export interface About {
  /** What is shown: endpoints of a cluster, or the path of a file or directory. */
  readonly source: { readonly kind: "cluster" | "offline"; readonly name: string };
  readonly allowWrites: boolean;
}

/** A name below a prefix: one key, or all keys that begin with it and go on after a slash. */
export interface Entry {
  readonly kind: "key" | "folder";
  /** The whole key, or the whole prefix with its slash. */
  readonly key: Bytes64;
  /** The part after the prefix of the level. Empty for a key that is the prefix itself. */
  readonly label: string;
}

export interface Level {
  readonly entries: readonly Entry[];
  /** For `after` of the next page; null after the last entry. */
  readonly next: string | null;
}

export interface Counts {
  /** The number of keys below each prefix, in the order of the request. */
  readonly counts: readonly number[];
}

export type ValueView =
  | { readonly kind: "text" | "json" | "yaml"; readonly text: string; readonly note: string }
  /** No text: `text` is a hex dump. */
  | { readonly kind: "binary"; readonly text: string; readonly note: string }
  /** A secret whose value the page has not asked for. `text` has the object without it. */
  | { readonly kind: "hidden"; readonly text: string; readonly note: string };

export type Encoding = "decoded" | "text" | "hex" | "base64";

export interface KeyView {
  readonly label: string;
  /** False when the key does not exist at the revision: the other fields are then empty. */
  readonly exists: boolean;
  readonly sizeBytes: number;
  readonly version: string;
  readonly createRevision: string;
  readonly modRevision: string;
  /** Hexadecimal, as etcdctl prints it; empty without a lease. */
  readonly lease: string;
  /** Remaining seconds; null without a lease or when the server does not say. */
  readonly leaseSeconds: number | null;
  readonly value: ValueView;
  /** The value as text if the page may edit it: UTF-8 and no secret that is hidden. */
  readonly editable: string | null;
}

export interface Version {
  readonly revision: string;
  readonly change: "put" | "delete";
  readonly version: string;
  readonly sizeBytes: number;
  readonly lease: string;
}

export interface History {
  /** Newest first. */
  readonly versions: readonly Version[];
  /** Changes before this revision are compacted; empty when nothing is. */
  readonly compactedAt: string;
  /** How many older versions are stored but not listed. */
  readonly omitted: number;
}

export interface DiffLine {
  readonly kind: "same" | "added" | "removed" | "gap";
  readonly text: string;
}

export interface Diff {
  readonly lines: readonly DiffLine[];
  /** Says why there are no lines, or that there are more. */
  readonly note: string;
  /** The values are a secret that the page has not asked for. */
  readonly isHidden?: boolean;
}

export type SearchLine =
  | { readonly found: readonly { readonly key: Bytes64; readonly label: string }[] }
  | { readonly scanned: number; readonly total: number }
  | { readonly end: "all" | "limit" };

export interface FolderSize {
  readonly kind: Entry["kind"];
  readonly key: Bytes64;
  readonly label: string;
  readonly keys: number;
  readonly keyBytes: number;
  readonly valueBytes: number;
}

export interface SizesLine {
  readonly scanned: number;
  readonly total: number;
  /** In the last line: the largest names below the prefix, and the sum of the others. */
  readonly sizes?: readonly FolderSize[];
  readonly others?: { readonly names: number; readonly keys: number; readonly bytes: number };
  readonly bytes: number;
}

export interface LiveEvent {
  readonly change: "put" | "delete";
  readonly key: Bytes64;
  readonly label: string;
  readonly revision: string;
  readonly version: string;
  readonly sizeBytes: number;
  readonly lease: string;
}

export type LiveLine =
  | { readonly events: readonly LiveEvent[] }
  /** The watch is in place from this revision on. */
  | { readonly since: string }
  /** Why no member responds; empty when one does again. */
  | { readonly away: string }
  | { readonly notice: string };

export interface MemberView {
  readonly id: string;
  readonly name: string;
  readonly endpoint: string;
  readonly clientUrls: readonly string[];
  readonly peerUrls: readonly string[];
  readonly role: "leader" | "follower" | "learner" | "unknown";
  readonly version: string;
  readonly dbBytes: number;
  readonly dbInUseBytes: number;
  /** 0 when the server does not say. */
  readonly quotaBytes: number;
  readonly revision: string;
  readonly raftTerm: string;
  readonly raftIndex: string;
  /** Entries of the log that are not applied yet. */
  readonly applyLag: number;
  readonly latencyMs: number | null;
  readonly isHealthy: boolean;
  /** It does not respond; what the view has is what was known before. */
  readonly isAway: boolean;
  /** When it responded for the last time, in milliseconds since 1970; null if it never did. */
  readonly lastSeen: number | null;
  /** Empty when healthy. */
  readonly problems: readonly string[];
}

/** One reading of one member. */
export interface Sample {
  readonly at: number;
  readonly member: string;
  readonly dbBytes: number | null;
  readonly latencyMs: number | null;
  readonly revision: number | null;
}

export interface Members {
  readonly members: readonly MemberView[];
  /** The readings since the page's last one. */
  readonly samples: readonly Sample[];
  readonly now: number;
}

export interface Written {
  readonly revision: string;
}

export interface Failure {
  readonly error: string;
  readonly hints: readonly string[];
}

export interface Requests {
  about: Record<string, never>;
  level: { prefix: Bytes64; after?: string | null };
  counts: { prefixes: readonly Bytes64[] };
  /** `revision` 0 or absent: the latest. */
  key: { key: Bytes64; revision?: string; encoding?: Encoding; reveal?: boolean };
  history: { key: Bytes64 };
  /** From the value at one revision to that at another; "0" for the absent value. */
  diff: { key: Bytes64; from: string; to: string; reveal?: boolean };
  members: { since?: number };
  put: { key: Bytes64; value: string; modRevision: string };
  delete: { key: Bytes64; modRevision: string };
  restore: { key: Bytes64; revision: string; modRevision: string };
}

export interface Responses {
  about: About;
  level: Level;
  counts: Counts;
  key: KeyView;
  history: History;
  diff: Diff;
  members: Members;
  put: Written;
  delete: Written;
  restore: Written;
}

/** Calls whose response is one line of JSON after the other. */
export interface Streams {
  search: { request: { prefix: Bytes64; text: string }; line: SearchLine };
  sizes: { request: { prefix: Bytes64 }; line: SizesLine };
  live: { request: { prefix: Bytes64 }; line: LiveLine };
}
