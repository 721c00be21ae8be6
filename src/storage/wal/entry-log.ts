// A raft log as the server sees it: entries are appended, and applied when they are on the disk.
import type { Entry } from "../../proto/gen/raftpb";

export interface EntryLog {
  /** Calls `onDurable` in the order of the entries, or `onFailure` if the log cannot be written any more. */
  append(
    entry: Pick<Entry, "Type" | "Data">,
    onDurable: (index: bigint) => void,
    onFailure: (error: Error) => void,
  ): void;
}
