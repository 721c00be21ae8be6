// The file of --config-file: YAML or JSON with etcd's field names and types. Fields have the names of flags; the files for TLS
// are in two blocks. As in etcd, durations are nanoseconds, and an empty field means the default.
// Go: configFromFile in server/embed/config.go
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { Flag } from "../../input/flags";
import { CliError, ExitCode } from "../../errors";
import { osErrorReason } from "../../go/os";
import { serveFlags, type ServeFlags } from "./flags";

const clientBlock: Readonly<Record<string, string>> = {
  ...sameNames("cert-file", "key-file", "client-cert-file", "client-key-file", "client-cert-auth"),
  ...sameNames("trusted-ca-file", "auto-tls", "client-crl-file"),
  "allowed-hostname": "client-cert-allowed-hostname",
  "allowed-cn": "client-cert-allowed-cn",
};

const peerBlock: Readonly<Record<string, string>> = {
  "cert-file": "peer-cert-file",
  "key-file": "peer-key-file",
  "client-cert-file": "peer-client-cert-file",
  "client-key-file": "peer-client-key-file",
  "client-cert-auth": "peer-client-cert-auth",
  "trusted-ca-file": "peer-trusted-ca-file",
  "auto-tls": "peer-auto-tls",
  "allowed-cn": "peer-cert-allowed-cn",
  "allowed-hostname": "peer-cert-allowed-hostname",
  "skip-client-san-verification": "peer-skip-client-san-verification",
};

const blocks: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "client-transport-security": clientBlock,
  "peer-transport-security": peerBlock,
  "socket-options": { "reuse-port": "socket-reuse-port", "reuse-address": "socket-reuse-address" },
  "discovery-config": { "discovery-token": "discovery-token", "discovery-endpoints": "discovery-endpoints" },
};

/** Flags that are no fields of the file, as their names in it are in a block, or as etcd's file does not have them. */
const notFields: ReadonlySet<string> = new Set([
  ...Object.values(blocks).flatMap((block) => Object.values(block)),
  ...["config-file", "version", "debug", "discovery", "discovery-fallback", "discovery-proxy"],
  ...["raft-read-timeout", "raft-write-timeout", "peer-crl-file"],
  "experimental-peer-skip-client-san-verification",
]);

/** Throws CliError for a file that cannot be read, is no YAML, or has a field of the wrong type. */
export function readConfigFile(file: string): {
  values: ServeFlags;
  unknown: string[];
  given: ReadonlySet<string>;
} {
  const document = parsed(file);
  const values: Record<string, unknown> = {};
  for (const [name, flag] of Object.entries<Flag>(serveFlags)) values[name] = flag.default;
  const unknown: string[] = [];
  for (const [field, value] of Object.entries(document)) {
    const block = blocks[field];
    if (block === undefined) {
      const isField = Object.hasOwn(serveFlags, field) && !notFields.has(field) && !field.startsWith("proxy");
      if (isField) assign(values, file, field, field, value);
      else unknown.push(field);
      continue;
    }
    if (value === null) continue;
    if (!isObject(value)) throw wrongType(file, field, "a block of fields", value);
    for (const [inner, each] of Object.entries(value)) {
      const name = block[inner];
      if (name === undefined) unknown.push(`${field}.${inner}`);
      else assign(values, file, `${field}.${inner}`, name, each);
    }
  }
  return { values: values as ServeFlags, unknown, given: new Set(Object.keys(document)) };
}

function parsed(file: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new CliError(ExitCode.error, `open ${file}: ${osErrorReason(cause)}`, { cause });
  }
  let document: unknown;
  try {
    document = parse(text, { intAsBigInt: true, schema: "yaml-1.1" });
  } catch (cause) {
    const message = `error converting YAML to JSON: yaml: ${(cause as Error).message}`;
    throw new CliError(ExitCode.error, message, { cause, hints: [`correct ${file}`] });
  }
  if (document === null || document === undefined) return {};
  if (!isObject(document)) throw wrongType(file, "the document", "a block of fields", document);
  return document;
}

function assign(
  values: Record<string, unknown>,
  file: string,
  field: string,
  name: string,
  value: unknown,
): void {
  const flag: Flag | undefined = (serveFlags as Readonly<Record<string, Flag>>)[name];
  if (flag === undefined || value === null) return;
  const converted = convert(flag, value);
  if (converted === undefined) throw wrongType(file, field, typeNames[flag.kind], value);
  values[flag.replacedBy ?? name] = converted;
}

const typeNames: Readonly<Record<Flag["kind"], string>> = {
  bool: "true or false",
  string: "a text",
  strings: "a list of texts",
  texts: "a list of texts",
  int64: "an integer",
  uint64: "an integer of at least 0",
  uint: "an integer of at least 0",
  duration: "an integer, the nanoseconds",
};

/** Undefined for a value of another type. A number stands for its text, and a list for a text with commas. */
function convert({ kind }: Flag, value: unknown): unknown {
  switch (kind) {
    case "bool":
      return typeof value === "boolean" ? value : undefined;
    case "string":
      if (Array.isArray(value))
        return value.every((each) => typeof each === "string") ? value.join(",") : undefined;
      return isObject(value) ? undefined : String(value);
    case "int64":
      return typeof value === "bigint" ? value : undefined;
    case "uint64":
      return typeof value === "bigint" && value >= 0n ? value : undefined;
    case "uint":
      return typeof value === "bigint" && value >= 0n ? Number(value) : undefined;
    case "duration":
      return typeof value === "bigint" ? Number(value) / 1e6 : undefined;
    default:
      return undefined;
  }
}

function wrongType(file: string, field: string, wanted: string, value: unknown): CliError {
  const shown = isObject(value) || Array.isArray(value) ? "something else" : JSON.stringify(String(value));
  return new CliError(ExitCode.error, `${file}: ${field} must be ${wanted}, not ${shown}`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function sameNames(...names: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, name]));
}
