// A long list of messages that is no array: its items are read and encoded in parts, over several turns of the event loop.
import type { Steps } from "../../storage/steps";

export abstract class PartList<T> implements Iterable<T> {
  abstract readonly length: number;

  /** Where a part that begins at `from` ends: after this many items, or with the one that exceeds this many bytes. */
  abstract partEnd(from: number, maxItems: number, maxBytes: number): number;

  abstract slice(from: number, to: number): T[];

  /** The items [from, to) as a repeated field. */
  abstract encode(tag: number, from: number, to: number): Buffer;

  /** Call it before the items are read one by one. */
  *prepare(): Steps<void> {
    // Nothing to do.
  }

  *[Symbol.iterator](): Iterator<T> {
    for (let at = 0; at < this.length; at++) yield* this.slice(at, at + 1);
  }
}
