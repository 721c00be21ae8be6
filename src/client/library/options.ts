// Checks the options of the library's functions: a mistyped name would otherwise pass in silence.
import type { CallOptions, Credentials, TlsOptions, TransportOptions } from "../../transport/transport";
import { kindOf } from "./input";
import { didYouMean } from "./nearest";

/**
 * What an option must be.
 * - `count`: a whole number, 0 or more, or Infinity. `integer`: a whole number. `int64`: a whole number or a bigint.
 * - `moment`: milliseconds since the Unix epoch. `duration`: milliseconds, 0 or more. `limit`: milliseconds, more than 0.
 * - `strings`: an array of strings. A list of words: one of them.
 */
type Kind =
  | ("string" | "boolean" | "function" | "object" | "any")
  | ("count" | "integer" | "int64" | "moment" | "duration" | "limit")
  | ("list" | "strings" | "signal" | "clock")
  | readonly string[];

interface Table {
  readonly [name: string]: Kind | Table;
}

type NamesOf<T> = T extends unknown ? keyof T & string : never;

/** The compiler refuses a table in which a name of the type is missing, or has been added. */
export type OptionTable<T> = Readonly<Record<NamesOf<T>, Kind | Table>>;

const tlsTable = {
  cacert: "string",
  cert: "string",
  key: "string",
  serverName: "string",
  insecureSkipVerify: "boolean",
  insecureTransport: "boolean",
} as const satisfies OptionTable<TlsOptions>;

const credentialsTable = {
  user: "string",
  password: "string",
  token: "string",
} as const satisfies OptionTable<Credentials>;

export const transportTable = {
  endpoints: "strings",
  tls: tlsTable,
  dialTimeoutMs: "duration",
  keepaliveTimeMs: "duration",
  keepaliveTimeoutMs: "duration",
  maxRequestBytes: "count",
  maxReceiveBytes: "count",
  credentials: credentialsTable,
  clock: "clock",
  signal: "signal",
  env: "object",
  debug: "function",
  random: "function",
} as const satisfies OptionTable<TransportOptions>;

export const callTable = {
  signal: "signal",
  deadlineAt: "moment",
  timeoutMs: "limit",
  connectTimeoutMs: "limit",
  requireLeader: "boolean",
} as const satisfies OptionTable<CallOptions>;

/** For functions whose first argument is often written without the braces. */
const examples: Readonly<Record<string, string>> = {
  connect: '{ endpoints: ["127.0.0.1:2379"] }',
  getAll: '{ prefix: "/app/" }',
  openTransport: '{ endpoints: ["127.0.0.1:2379"] }',
  watch: '{ key: "/app/name" } or { prefix: "/app/" }',
};

/**
 * Throws a TypeError for an option that the table does not have or that has the wrong kind, and a RangeError for a
 * number that the option cannot be. `owner` names the function in the message. An undefined option counts as missing.
 */
export function checkOptions(owner: string, options: unknown, table: Table, prefix = ""): void {
  const where = prefix === "" ? `the options of ${owner}` : `option ${prefix.slice(0, -1)} of ${owner}`;
  if (!hasOptions(options)) {
    const example = prefix === "" && Object.hasOwn(examples, owner) ? `, such as ${examples[owner]}` : "";
    throw new TypeError(`${where} must be an object${example}, not ${kindOf(options)}`);
  }
  for (const [name, value] of Object.entries(options)) {
    const path = `${prefix}${name}`;
    const kind = Object.hasOwn(table, name) ? table[name] : undefined;
    if (kind === undefined) {
      const names = Object.keys(table).map((each) => `${prefix}${each}`);
      throw new TypeError(
        `unknown option ${path} of ${owner}; ${didYouMean(path, names, "its options are")}`,
      );
    }
    if (value === undefined) continue;
    if (isTable(kind)) checkOptions(owner, value, kind, `${path}.`);
    else checkValue(`option ${path} of ${owner}`, kind, value);
  }
}

/** Throws a TypeError for arguments that would be ignored. `place` says where options belong. */
export function refuseMore(owner: string, rest: readonly unknown[], place: string): void {
  if (rest.every((each) => each === undefined)) return;
  throw new TypeError(`${owner} has too many arguments: its options belong ${place}`);
}

/** A promise without `await`, a Map or a Date has no properties, and would count as no options. */
function hasOptions(value: unknown): value is object {
  return typeof value === "object" && Object.prototype.toString.call(value) === "[object Object]";
}

function isTable(kind: Kind | Table): kind is Table {
  return typeof kind === "object" && !Array.isArray(kind);
}

function hasFunctions(value: unknown, ...names: readonly string[]): boolean {
  if (typeof value !== "object" || value === null) return false;
  return names.every((name) => typeof (value as Record<string, unknown>)[name] === "function");
}

/** Throws as checkOptions does. `what` names the value in the message. */
export function checkValue(what: string, kind: Kind, value: unknown): void {
  const wrong = (wanted: string) => new TypeError(`${what} must be ${wanted}, not ${kindOf(value)}`);
  const wrongNumber = (wanted: string) => new RangeError(`${what} must be ${wanted}: ${String(value)}`);
  if (Array.isArray(kind)) {
    if (typeof value !== "string") throw wrong("a string");
    if (kind.includes(value)) return;
    throw new TypeError(`${what} must be ${listed(kind)}, not "${value}"`);
  }
  switch (kind) {
    case "any":
      return;
    case "list":
      if (Array.isArray(value)) return;
      throw wrong("an array");
    case "strings": {
      if (!Array.isArray(value)) throw wrong("an array");
      const other = value.findIndex((each) => typeof each !== "string");
      if (other < 0) return;
      throw new TypeError(`${what} must have strings, not ${kindOf(value[other])}`);
    }
    case "object":
      if (hasOptions(value)) return;
      throw wrong("an object");
    case "signal":
      if (hasFunctions(value, "addEventListener", "removeEventListener")) return;
      throw wrong("an AbortSignal");
    case "clock":
      if (hasFunctions(value, "now", "monotonicNs", "setTimeout")) return;
      throw wrong("a clock with now, monotonicNs and setTimeout");
    case "count":
      if (typeof value !== "number") throw wrong("a number");
      if (value >= 0 && (Number.isInteger(value) || value === Infinity)) return;
      throw wrongNumber("a whole number, 0 or more");
    case "integer":
    case "int64":
      if (typeof value === "bigint" && kind === "int64") return;
      if (typeof value !== "number") throw wrong("a number");
      if (Number.isSafeInteger(value)) return;
      throw wrongNumber("a whole number");
    case "moment":
      if (typeof value !== "number") throw wrong("a number of milliseconds since 1970");
      if (!Number.isNaN(value)) return;
      throw wrongNumber("a number of milliseconds since 1970");
    case "duration":
    case "limit":
      if (typeof value !== "number") throw wrong("a number of milliseconds");
      if (kind === "limit" ? value > 0 : value >= 0) return;
      throw wrongNumber(
        kind === "limit" ? "more than 0 milliseconds (Infinity means no limit)" : "0 or more milliseconds",
      );
    default:
      if (typeof value !== kind) throw wrong(`a ${String(kind)}`);
  }
}

/** `"a", "b" or "c"` */
function listed(words: readonly string[]): string {
  const quoted = words.map((word) => `"${word}"`);
  return [...quoted.slice(0, -2), quoted.slice(-2).join(" or ")].join(", ");
}
