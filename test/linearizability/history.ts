// What clients asked at the same time, and what they were answered. Every value is written once, so that it names its write.

export type Input =
  | {
      readonly kind: "put";
      readonly value: string;
      /** Also writes the key's twin, in the same revision. */ readonly isPair: boolean;
    }
  | { readonly kind: "get"; readonly isSerializable: boolean }
  | { readonly kind: "delete" }
  /** Puts the value if the key has the expected one (undefined: is missing), else reads the key. */
  | { readonly kind: "cas"; readonly expected: string | undefined; readonly value: string };

export interface Output {
  /** The revision in the header. */
  readonly revision: number;
  /** Whether the key was deleted, or the condition of a cas held. Puts: true. */
  readonly isDone: boolean;
  /** What a get or a failed cas found. */
  readonly found: string | undefined;
}

export interface Operation {
  readonly client: string;
  readonly key: string;
  readonly input: Input;
  readonly calledAt: number;
  /** Infinity: the outcome is unknown. */
  readonly returnedAt: number;
  readonly output: Output | undefined;
}

/** One change, as a watch reports it. */
export interface HistoryEvent {
  readonly key: string;
  /** Undefined: a delete. */
  readonly value: string | undefined;
  readonly revision: number;
}

export const twinOf = (key: string): string => `twin/${key}`;

export function shownOperation({ client, key, input, calledAt, returnedAt, output }: Operation): string {
  const time = `${calledAt.toFixed(1)}..${returnedAt.toFixed(1)}`;
  return `${time} ${client} ${key} ${JSON.stringify(input)} -> ${JSON.stringify(output) ?? "unknown"}`;
}
