// The lines of `export` as they are read again. `get -w jsonl` and `get -w yaml` print keys in the same form, so `import`
// reads their output too.
//   {"etcdctl_export":1,"revision":9}                          the first line of export
//   {"lease":"694d5765fc71500b","granted_ttl":60}              before the first key with this lease
//   {"key":"a","value":"1","mod_revision":5,…,"lease":"694d…"} a key; key_base64 and value_base64 for other bytes
//   {"end":true,"keys":1}                                      the last line of export
import { CliError, ExitCode } from "../../errors";
import { parseInt64 } from "../../go/strconv";

export interface KeyRecord {
  readonly kind: "key";
  readonly key: Buffer;
  readonly value: Buffer;
  /** 0n without a lease. */
  readonly lease: bigint;
}

export type TransferRecord =
  | KeyRecord
  | { readonly kind: "begin" }
  | { readonly kind: "lease"; readonly id: bigint; readonly ttlSeconds: bigint }
  | { readonly kind: "end"; readonly keys: number };

/** The highest version of the form that this program knows. */
export const formVersion = 1;

const keyFields = new Set([
  ...["key", "key_base64", "value", "value_base64", "lease"],
  ...["create_revision", "mod_revision", "version", "type"],
]);

/** `where` begins the error, such as `line 3`. Throws CliError for an object of another shape. */
export function parseRecord(object: unknown, where: string): TransferRecord {
  const refuse = (reason: string): never => {
    throw new CliError(ExitCode.error, `${where}: ${reason}`, {
      hints: ["import reads what export, get -w jsonl and get -w yaml print"],
    });
  };
  if (object === null || typeof object !== "object" || Array.isArray(object)) return refuse("not an object");
  const fields = object as Readonly<Record<string, unknown>>;
  if ("etcdctl_export" in fields) {
    const isKnown = fields["etcdctl_export"] === formVersion;
    return isKnown ? { kind: "begin" } : refuse("an export of a newer etcdctl");
  }
  if ("end" in fields) return { kind: "end", keys: Number(fields["keys"]) };
  if ("granted_ttl" in fields) {
    const ttlSeconds = wholeNumber(fields["granted_ttl"]) ?? refuse("granted_ttl is not a number of seconds");
    return { kind: "lease", id: leaseId(fields["lease"], refuse), ttlSeconds };
  }
  if ("apiVersion" in fields && "kind" in fields) {
    return refuse("an object of Kubernetes without its key; get -w yaml --decode=false prints keys");
  }
  const unknown = Object.keys(fields).find((name) => !keyFields.has(name));
  if (unknown !== undefined) return refuse(`unknown field ${JSON.stringify(unknown)}`);
  return {
    kind: "key",
    key: bytes(fields, "key", refuse) ?? refuse("an object without key"),
    value: bytes(fields, "value", refuse) ?? refuse("a key without value; --keys-only cannot be imported"),
    lease: fields["lease"] === undefined ? 0n : leaseId(fields["lease"], refuse),
  };
}

function bytes(
  fields: Readonly<Record<string, unknown>>,
  name: string,
  refuse: (reason: string) => never,
): Buffer | undefined {
  const text = fields[name];
  const base64 = fields[`${name}_base64`];
  if (text !== undefined && base64 !== undefined) return refuse(`both ${name} and ${name}_base64`);
  if (text !== undefined)
    return typeof text === "string" ? Buffer.from(text) : refuse(`${name} is not a text`);
  if (base64 === undefined) return undefined;
  const isBase64 =
    typeof base64 === "string" &&
    /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(base64);
  return isBase64 ? Buffer.from(base64, "base64") : refuse(`${name}_base64 is not base64`);
}

function leaseId(value: unknown, refuse: (reason: string) => never): bigint {
  if (typeof value !== "string") return refuse("lease is not a hexadecimal text");
  try {
    return parseInt64(value, 16);
  } catch {
    return refuse("lease is not a hexadecimal text");
  }
}

function wholeNumber(value: unknown): bigint | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? BigInt(value) : undefined;
}
