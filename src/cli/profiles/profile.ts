// A profile: how to reach a cluster, under a name. It holds values of global flags and two more fields. Passwords are
// never in it: it names a file or a command that has them.
import { badArgs } from "../../errors";
import { formatDuration } from "../../go/units";
import { ParseError } from "../../go/strconv";
import type { Flag, FlagTable } from "../../input/flags";
import { parseFlagValue } from "../../input/flags";
import { globalFlags } from "../global-flags";
import type { GlobalValues } from "../settings";

/** The global flags that a profile may hold. */
export const profileFlagNames = [
  ...["endpoints", "discovery-srv", "discovery-srv-name", "cacert", "cert", "key", "user", "password-file"],
  ...["insecure-discovery", "insecure-transport", "insecure-skip-tls-verify"],
  ...["dial-timeout", "command-timeout", "keepalive-time", "keepalive-timeout"],
  ...["max-request-bytes", "max-recv-bytes"],
] as (keyof GlobalValues)[];

/** Fields with the path of a file. */
export const pathFields: ReadonlySet<string> = new Set(["cacert", "cert", "key", "password-file"]);

/** Fields that are no global flags. The manifest has the flags of `profile set` for them. */
const ownFlags = {
  "password-command": { kind: "string", default: "", usage: "" },
  confirm: { kind: "bool", default: false, usage: "" },
} as const satisfies FlagTable;

const fieldFlags: Readonly<Record<string, Flag>> = {
  ...Object.fromEntries(profileFlagNames.map((name) => [name, globalFlags[name]])),
  ...ownFlags,
};

/** Values by the names of the fields, in the types that parsed flags have. */
export type ProfileValues = Readonly<Record<string, unknown>>;

/** The fields of a profile from YAML. `place` is for the messages. Throws CliError for what is no field, or not its type. */
export function parseProfile(fields: Readonly<Record<string, unknown>>, place: string): ProfileValues {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [name, parseField(name, value, place)]),
  );
}

function parseField(name: string, value: unknown, place: string): unknown {
  const flag = Object.hasOwn(fieldFlags, name) ? fieldFlags[name] : undefined;
  if (flag === undefined) throw notAField(name, place);
  if (name === "user" && String(value).includes(":")) throw passwordInside(place);
  if (flag.kind === "strings" && Array.isArray(value)) return value.map(String);
  if (typeof value === "object") throw badArgs(`${place}: ${name} must be a ${typeNames[flag.kind]}`);
  try {
    return parseFlagValue(flag, String(value));
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    throw badArgs(`${place}: ${name} must be a ${typeNames[flag.kind]}`, { cause: error });
  }
}

const typeNames: Readonly<Record<Flag["kind"], string>> = {
  bool: "boolean, true or false",
  string: "text",
  strings: "list of texts",
  texts: "list of texts",
  int64: "number",
  uint64: "number",
  uint: "number",
  duration: "duration, for example 5s",
};

function notAField(name: string, place: string): Error {
  if (name === "password" || name === "auth-jwt-token") return passwordInside(place);
  return badArgs(`${place}: ${name} is no field of a profile`, {
    hints: [`the fields are ${Object.keys(fieldFlags).join(", ")}`],
  });
}

export function passwordInside(place: string): Error {
  return badArgs(`${place}: a profile holds no password and no token`, {
    hints: [
      "name a file with --password-file, or a command that prints the password with --password-command",
    ],
  });
}

/** A value of a parsed flag as YAML has it. */
export function yamlValue(name: string, value: unknown): unknown {
  const flag = fieldFlags[name];
  if (flag?.kind === "duration") return formatDuration(BigInt(Math.round((value as number) * 1e6)));
  return typeof value === "bigint" ? Number(value) : value;
}

export function isProfileField(name: string): boolean {
  return Object.hasOwn(fieldFlags, name);
}
