// From JSON to typed values, with Go's zero values for what is absent or null and Go's words for what does not fit.
// Decoders are put together like the structs they answer to; the first thing that does not fit is remembered, and the
// rest is read all the same, as encoding/json does. Pure and total.
import { parseJson, type JsonNode } from "../go/parse-json";

/** The message is Go's: `json: cannot unmarshal number into Go struct field Member.name of type string`. */
export class JsonTypeError extends Error {
  override name = "JsonTypeError";
}

/** Where a value stands, for messages, and what was wrong first. */
interface Place {
  readonly struct: string;
  readonly path: readonly string[];
  readonly caseSensitive: boolean;
  readonly found: { first?: JsonTypeError };
}

/** `node` is undefined for what is absent or null. */
export type Decoder<T> = (node: JsonNode | undefined, place: Place) => T;
export type Decoded<D> = D extends Decoder<infer T> ? T : never;

export interface DecodeOptions {
  /** Names of fields must be equal, not only but for their case. */
  readonly caseSensitive?: boolean;
}

/** Throws JsonError or JsonTypeError. */
export function decodeJson<T>(decoder: Decoder<T>, bytes: Uint8Array, options: DecodeOptions = {}): T {
  const { value, error } = decodePartially(decoder, bytes, options);
  if (error) throw error;
  return value;
}

/** Also what could be read where something does not fit. Throws JsonError only. */
export function decodePartially<T>(
  decoder: Decoder<T>,
  bytes: Uint8Array,
  options: DecodeOptions = {},
): { value: T; error: JsonTypeError | undefined } {
  const found: Place["found"] = {};
  const place = { struct: "", path: [], caseSensitive: options.caseSensitive ?? false, found };
  return { value: decoder(given(parseJson(bytes)), place), error: found.first };
}

function given(node: JsonNode | undefined): JsonNode | undefined {
  return node?.kind === "null" ? undefined : node;
}

export const string: Decoder<string> = (node, place) => {
  if (node === undefined) return "";
  return node.kind === "string" ? node.value : misfit(node, "string", place, "");
};

export const bool: Decoder<boolean> = (node, place) => {
  if (node === undefined) return false;
  return node.kind === "bool" ? node.value : misfit(node, "bool", place, false);
};

export const int64 = integer("int64", -(1n << 63n), (1n << 63n) - 1n);
export const int = integer("int", -(1n << 63n), (1n << 63n) - 1n);
export const uint64 = integer("uint64", 0n, (1n << 64n) - 1n);

function integer(type: string, least: bigint, most: bigint): Decoder<bigint> {
  return (node, place) => {
    if (node === undefined) return 0n;
    if (node.kind !== "number") return misfit(node, type, place, 0n);
    const number = /^-?\d{1,20}$/.test(node.text) ? BigInt(node.text) : undefined;
    if (number === undefined || number < least || number > most) {
      return misfit(node, type, place, 0n, `number ${node.text}`);
    }
    return number;
  };
}

/** Null when absent, which JSON shows. */
export function list<T>(element: Decoder<T>, type: string): Decoder<T[] | null> {
  return (node, place) => {
    if (node === undefined) return null;
    if (node.kind !== "array") return misfit(node, type, place, null);
    return node.items.map((each) => element(given(each), place));
  };
}

export const strings = list(string, "[]string");

/** Undefined when absent. */
export function optional<T>(decoder: Decoder<T>): Decoder<T | undefined> {
  return (node, place) => (node === undefined ? undefined : decoder(node, place));
}

type Fields = Readonly<Record<string, Decoder<unknown>>>;

/** `name` is the struct's, for messages; `type` the same with its package. */
export function struct<F extends Fields>(
  name: string,
  fields: F,
  type = `client.${name}`,
): Decoder<{ readonly [K in keyof F]: Decoded<F[K]> }> {
  const names = Object.keys(fields);
  return (node, place) => {
    const raw = new Map<string, JsonNode>();
    if (node?.kind === "object") {
      // Of two equal names the last one counts.
      for (const { name: key, value } of node.fields) {
        const exact = Object.hasOwn(fields, key) ? key : undefined;
        const known =
          exact ?? (place.caseSensitive ? undefined : names.find((one) => sameButForCase(one, key)));
        if (known !== undefined) raw.set(known, value);
      }
    } else if (node !== undefined) {
      misfit(node, type, place, undefined);
    }
    const entries = names.map((key) => {
      const at = { ...place, struct: name, path: [...place.path, key] };
      return [key, (fields[key] as Decoder<unknown>)(given(raw.get(key)), at)];
    });
    return Object.fromEntries(entries) as { [K in keyof F]: Decoded<F[K]> };
  };
}

function sameButForCase(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function misfit<T>({ kind }: JsonNode, type: string, place: Place, zero: T, shown: string = kind): T {
  const field = place.struct === "" ? "value" : `struct field ${place.struct}.${place.path.join(".")}`;
  place.found.first ??= new JsonTypeError(`json: cannot unmarshal ${shown} into Go ${field} of type ${type}`);
  return zero;
}
