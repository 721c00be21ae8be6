// A target of the fuzzer: a reader of foreign bytes. Every input must end in a result or in an error of the expected class.
// Each file in targets/ is one target, and its name is the target's name.
import type { Mutator, Random } from "./mutate";

export interface FuzzTarget {
  /** Valid inputs, from our writers or from fixtures, which the fuzzer damages. */
  seeds(): readonly Uint8Array[] | Promise<readonly Uint8Array[]>;
  /** Reads the whole input. `scratch` is for readers of files. */
  run(input: Uint8Array, scratch: Scratch): void | Promise<void>;
  /** Whether the reader may throw this for a damaged input. Every other error is a finding. */
  isExpected(error: unknown): boolean;
  /** Corrects checksums and lengths in most inputs, so that the damage gets past the first checks. */
  fixUp?(input: Buffer, random: Random): void;
  /** Changes that know the format, besides the general ones. */
  readonly mutators?: readonly Mutator[];
  /** Words of a text format, inserted by some changes. */
  readonly words?: readonly string[];
  /** Longer inputs are cut. Default: 64 KiB. */
  readonly maxSizeBytes?: number;
}

export interface Scratch {
  /** The path of a file with these bytes, valid until the next input. */
  file(content: Uint8Array): string;
  /** A folder that is empty before each input. */
  folder(): string;
}

/** The bytes of lines, for targets that read text. */
export const text = (...lines: readonly string[]): Uint8Array => Buffer.from(lines.join("\n"));
