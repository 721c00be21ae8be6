// Flags as data: a table per command, from which the parser, the help, the completion and the types follow.
// Go's pflag decides the grammar (cli/grammar.ts); here is only what a flag is.

/** What a word may name, for the completion: in the file system, or in the cluster. */
export type ValueSource = "file" | "directory" | "key" | "lease" | "member" | "user" | "role";

interface FlagBase {
  readonly usage: string;
  /** One letter, without the dash. */
  readonly short?: string;
  /** Allowed words, for help and completion; the command checks the value itself. */
  readonly values?: readonly string[];
  /** Must be given. */
  readonly required?: boolean;
  /** What the completion offers beside them. */
  readonly completes?: ValueSource;
  /** Kept out of the help. */
  readonly hidden?: boolean;
  /** An old spelling: sets this flag of the same table, or nothing where it is "", and leaves a note. */
  readonly replacedBy?: string;
  /** What the flag is worth when it stands alone; a value is then taken only after `=`. */
  readonly alone?: string;
}

export type Flag = FlagBase &
  (
    | { readonly kind: "bool"; readonly default: boolean }
    | { readonly kind: "string"; readonly default: string }
    /** Repeatable and comma-separated. */
    | { readonly kind: "strings"; readonly default: readonly string[] }
    /** Repeatable; each value as it stands, commas included. */
    | { readonly kind: "texts"; readonly default: readonly string[] }
    | { readonly kind: "int64" | "uint64"; readonly default: bigint }
    | { readonly kind: "uint"; readonly default: number }
    /** Go duration; milliseconds. */
    | { readonly kind: "duration"; readonly default: number }
  );

/** By the flag's own name, as typed after `--`. */
export type FlagTable = Readonly<Record<string, Flag>>;

export type FlagValue<F extends Flag> = F extends { kind: "bool" }
  ? boolean
  : F extends { kind: "string" }
    ? string
    : F extends { kind: "strings" | "texts" }
      ? readonly string[]
      : F extends { kind: "int64" | "uint64" }
        ? bigint
        : number;

export type FlagValues<T extends FlagTable> = { readonly [K in keyof T]: FlagValue<T[K]> };
