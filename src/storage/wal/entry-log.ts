// A raft log as the server sees it: entries are appended, and applied when they are on the disk.
import type { EntryType } from "../../proto/gen/raftpb";
import type { Codec, Writer } from "../../proto/wire";

/** An entry with a message, or without data. */
export class NewEntry<T = unknown> {
  constructor(
    readonly type: EntryType,
    private readonly codec?: Codec<T>,
    private readonly message?: T,
  ) {}

  /** Writes the entry's field Data. */
  writeData(out: Writer): void {
    if (this.codec !== undefined) out.message(dataTag, this.codec, this.message as T);
  }
}

/** Entry.Data */
const dataTag = (4 << 3) | 2;

export interface EntryLog {
  /**
   * Calls `onDurable` in the order of the entries, or `onFailure` if the log cannot be written any more. Byte fields of the message
   * must not change before.
   */
  append(entry: NewEntry, onDurable: (index: bigint) => void, onFailure: (error: Error) => void): void;
}
