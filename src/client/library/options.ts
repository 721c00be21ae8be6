// Checks the options of the library's functions: a mistyped name would otherwise pass in silence.
import type { CallOptions, Credentials, TlsOptions, TransportOptions } from "../../transport/transport";
import { kindOf } from "./input";
import { didYouMean } from "./nearest";

/** What an option must be. `duration`: milliseconds, 0 or more. `limit`: milliseconds, more than 0. */
type Kind =
  "string" | "number" | "bigint" | "boolean" | "function" | "object" | "list" | "duration" | "limit" | "any";

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
  endpoints: "list",
  tls: tlsTable,
  dialTimeoutMs: "duration",
  keepaliveTimeMs: "duration",
  keepaliveTimeoutMs: "duration",
  maxRequestBytes: "number",
  maxReceiveBytes: "number",
  credentials: credentialsTable,
  clock: "object",
  signal: "object",
  env: "object",
  debug: "function",
  random: "function",
} as const satisfies OptionTable<TransportOptions>;

export const callTable = {
  signal: "object",
  deadlineAt: "number",
  timeoutMs: "limit",
  connectTimeoutMs: "limit",
  requireLeader: "boolean",
} as const satisfies OptionTable<CallOptions>;

/**
 * Throws a TypeError for an option that the table does not have or that has the wrong kind, and a RangeError for a
 * duration that is none. `owner` names the function in the message. An undefined option counts as missing.
 */
export function checkOptions(owner: string, options: unknown, table: Table, prefix = ""): void {
  const where = prefix === "" ? `the options of ${owner}` : `option ${prefix.slice(0, -1)} of ${owner}`;
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new TypeError(`${where} must be an object, not ${kindOf(options)}`);
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
    if (typeof kind === "object") checkOptions(owner, value, kind, `${path}.`);
    else checkValue(`option ${path} of ${owner}`, kind, value);
  }
}

function checkValue(what: string, kind: Kind, value: unknown): void {
  switch (kind) {
    case "any":
      return;
    case "list":
      if (!Array.isArray(value)) throw new TypeError(`${what} must be an array, not ${kindOf(value)}`);
      return;
    case "duration":
    case "limit":
      if (typeof value !== "number")
        throw new TypeError(`${what} must be a number of milliseconds, not ${kindOf(value)}`);
      if (kind === "limit" ? value > 0 : value >= 0) return;
      throw new RangeError(
        kind === "limit"
          ? `${what} must be more than 0 milliseconds (Infinity means no limit): ${value}`
          : `${what} must be 0 or more milliseconds: ${value}`,
      );
    default:
      if (typeof value === kind && value !== null) return;
      throw new TypeError(`${what} must be ${kind === "object" ? "an" : "a"} ${kind}, not ${kindOf(value)}`);
  }
}
