// What the fuzzer can be pointed at: something that reads bytes it did not write, and must end each time, in a result or
// in an error of its own kind. One file per target in targets/, found by its name.
import type { Mutator, Random } from "./mutate";

export interface FuzzTarget {
  /** Valid inputs, made by our own writers or taken from fixtures; the damage starts from these. */
  seeds(): readonly Uint8Array[] | Promise<readonly Uint8Array[]>;
  /** Reads all that there is to read. `scratch` is for readers of files. */
  run(input: Uint8Array, scratch: Scratch): void | Promise<void>;
  /** Whether the reader may say so of a damaged input. Anything else that it throws is a finding. */
  isExpected(error: unknown): boolean;
  /** Makes checksums and lengths right again, most of the time, so that they do not stop all damage at the door. */
  fixUp?(input: Buffer, random: Random): void;
  /** Damage that knows the format, beside the general kinds. */
  readonly mutators?: readonly Mutator[];
  /** What a text is made of: spliced in by some of the damage. */
  readonly words?: readonly string[];
  /** Inputs are cut there (default 64 KiB). */
  readonly maxSizeBytes?: number;
}

export interface Scratch {
  /** The path of a file with these bytes, valid until the next input. */
  file(content: Uint8Array): string;
  /** A folder that is empty at the start of each input. */
  folder(): string;
}

/** For targets whose input is a list of words or lines. */
export const text = (...lines: readonly string[]): Uint8Array => Buffer.from(lines.join("\n"));
