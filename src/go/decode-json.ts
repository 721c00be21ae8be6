// Decodes JSON to typed values as Go's encoding/json does: an absent or null field gets its zero value, and decoding continues
// after a value of the wrong type. The first such error counts. A decoder is composed like the Go struct it stands for.
import { parseJson, type JsonNode } from "./parse-json";

/** The message is Go's: `json: cannot unmarshal number into Go struct field Member.name of type string`. */
export class JsonTypeError extends Error {
  override name = "JsonTypeError";
}

/** The location of a value, for error texts, and the first error. */
interface Location {
  readonly struct: string;
  readonly path: readonly string[];
  readonly caseSensitive: boolean;
  readonly errors: { first?: JsonTypeError };
}

/** `node` is undefined for an absent or null value. */
export type Decoder<T> = (node: JsonNode | undefined, location: Location) => T;
export type Decoded<D> = D extends Decoder<infer T> ? T : never;

export interface DecodeOptions {
  /** Field names must match in case too. */
  readonly caseSensitive?: boolean;
}

/** Throws JsonError or JsonTypeError. */
export function decodeJson<T>(decoder: Decoder<T>, bytes: Uint8Array, options: DecodeOptions = {}): T {
  const { value, error } = decodePartially(decoder, bytes, options);
  if (error) throw error;
  return value;
}

/** Returns the decoded part of the value even when a type is wrong. Throws only JsonError. */
export function decodePartially<T>(
  decoder: Decoder<T>,
  bytes: Uint8Array,
  options: DecodeOptions = {},
): { value: T; error: JsonTypeError | undefined } {
  const errors: Location["errors"] = {};
  const location = { struct: "", path: [], caseSensitive: options.caseSensitive ?? false, errors };
  return { value: decoder(nullToUndefined(parseJson(bytes)), location), error: errors.first };
}

function nullToUndefined(node: JsonNode | undefined): JsonNode | undefined {
  return node?.kind === "null" ? undefined : node;
}

export const string: Decoder<string> = (node, location) => {
  if (node === undefined) return "";
  return node.kind === "string" ? node.value : typeMismatch(node, "string", location, "");
};

export const bool: Decoder<boolean> = (node, location) => {
  if (node === undefined) return false;
  return node.kind === "bool" ? node.value : typeMismatch(node, "bool", location, false);
};

export const int64 = integer("int64", -(1n << 63n), (1n << 63n) - 1n);
export const int = integer("int", -(1n << 63n), (1n << 63n) - 1n);
export const uint64 = integer("uint64", 0n, (1n << 64n) - 1n);

function integer(type: string, min: bigint, max: bigint): Decoder<bigint> {
  return (node, location) => {
    if (node === undefined) return 0n;
    if (node.kind !== "number") return typeMismatch(node, type, location, 0n);
    const number = /^-?\d{1,20}$/.test(node.text) ? BigInt(node.text) : undefined;
    if (number === undefined || number < min || number > max) {
      return typeMismatch(node, type, location, 0n, `number ${node.text}`);
    }
    return number;
  };
}

/** Returns null for an absent list, because JSON output shows null. */
export function list<T>(element: Decoder<T>, type: string): Decoder<T[] | null> {
  return (node, location) => {
    if (node === undefined) return null;
    if (node.kind !== "array") return typeMismatch(node, type, location, null);
    return node.items.map((each) => element(nullToUndefined(each), location));
  };
}

export const strings = list(string, "[]string");

/** Returns undefined for an absent value. */
export function optional<T>(decoder: Decoder<T>): Decoder<T | undefined> {
  return (node, location) => (node === undefined ? undefined : decoder(node, location));
}

type Fields = Readonly<Record<string, Decoder<unknown>>>;

/** `name` is the name of the Go struct, `type` its name with the package. Both appear in error texts. */
export function struct<F extends Fields>(
  name: string,
  fields: F,
  type = `client.${name}`,
): Decoder<{ readonly [K in keyof F]: Decoded<F[K]> }> {
  const names = Object.keys(fields);
  return (node, location) => {
    const nodes = new Map<string, JsonNode>();
    if (node?.kind === "object") {
      // The last of two equal names counts.
      for (const { name: key, value } of node.fields) {
        const exact = Object.hasOwn(fields, key) ? key : undefined;
        const known =
          exact ??
          (location.caseSensitive ? undefined : names.find((field) => equalIgnoringCase(field, key)));
        if (known !== undefined) nodes.set(known, value);
      }
    } else if (node !== undefined) {
      typeMismatch(node, type, location, undefined);
    }
    const entries = names.map((key) => {
      const fieldLocation = { ...location, struct: name, path: [...location.path, key] };
      return [key, (fields[key] as Decoder<unknown>)(nullToUndefined(nodes.get(key)), fieldLocation)];
    });
    return Object.fromEntries(entries) as { [K in keyof F]: Decoded<F[K]> };
  };
}

function equalIgnoringCase(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function typeMismatch<T>(
  { kind }: JsonNode,
  type: string,
  location: Location,
  zero: T,
  actual: string = kind,
): T {
  const field =
    location.path.length === 0 ? "value" : `struct field ${location.struct}.${location.path.join(".")}`;
  location.errors.first ??= new JsonTypeError(
    `json: cannot unmarshal ${actual} into Go ${field} of type ${type}`,
  );
  return zero;
}
