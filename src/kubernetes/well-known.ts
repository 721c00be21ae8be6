// Messages that have a form of their own in JSON: times, durations, quantities, int-or-string, raw JSON. `decode` returns
// undefined for contents that this form cannot express; they are then shown as unknown fields.
// Go: k8s.io/apimachinery/pkg/apis/meta/v1 (time.go, micro_time.go, duration.go), pkg/util/intstr, pkg/runtime
import { parseDuration, formatDuration } from "../go/units";
import { ParseError } from "../go/strconv";
import { Reader, Writer } from "../proto/wire";
import { canonicalQuantity } from "./quantity";
import { compactJson, ObjectError, tryParseJson, type Tree } from "./tree";

export interface WellKnown {
  /** In JSON if the field is not stored. */
  readonly zero: Tree;
  /** Throws WireError. */
  decode(bytes: Buffer): Tree | undefined;
  /** Throws ObjectError. `tree` is not null. */
  encode(tree: Tree, path: string): Uint8Array;
  /** Contents for null and for a field that is not there. */
  readonly encodedZero: Uint8Array;
}

const nothing = new Uint8Array(0);

/** Varints and bytes by field number. */
function fieldsOf(bytes: Buffer): Map<number, bigint | Buffer> {
  const fields = new Map<number, bigint | Buffer>();
  const reader = new Reader(bytes);
  while (reader.pos < bytes.length) {
    const tag = reader.tag();
    if ((tag & 7) === 0) fields.set(tag >>> 3, reader.int64());
    else if ((tag & 7) === 2) fields.set(tag >>> 3, reader.bytes());
    else reader.skip(tag);
  }
  return fields;
}

function intField(fields: ReadonlyMap<number, bigint | Buffer>, number: number): bigint {
  const value = fields.get(number);
  return typeof value === "bigint" ? value : 0n;
}

function encoded(write: (writer: Writer) => void): Uint8Array {
  const writer = new Writer(32);
  write(writer);
  return Buffer.from(writer.finish());
}

/** 0001-01-01, Go's zero time. */
const zeroSeconds = -62_135_596_800n;
/** The last second of the year 9999. */
const lastSeconds = 253_402_300_799n;

function timeCodec(withMicroseconds: boolean): WellKnown {
  return {
    zero: null,
    encodedZero: nothing,
    decode(bytes) {
      if (bytes.length === 0) return null;
      const fields = fieldsOf(bytes);
      const seconds = intField(fields, 1);
      const micros = intField(fields, 2) / 1000n;
      if (seconds < zeroSeconds || seconds > lastSeconds || micros < 0n || micros > 999_999n)
        return undefined;
      if (seconds === zeroSeconds && (!withMicroseconds || micros === 0n)) return null;
      const text = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
      return withMicroseconds ? `${text}.${String(micros).padStart(6, "0")}Z` : `${text}Z`;
    },
    encode(tree, path) {
      const { seconds, nanos } = parseTime(tree, path);
      if (seconds === zeroSeconds && nanos === 0) return nothing;
      return encoded((writer) => {
        writer.int64(1 << 3, seconds);
        writer.int32(2 << 3, withMicroseconds ? nanos - (nanos % 1000) : 0);
      });
    },
  };
}

const timePattern = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(?:Z|([+-])(\d\d):(\d\d))$/;

function parseTime(tree: Tree, path: string): { seconds: bigint; nanos: number } {
  const match = typeof tree === "string" ? timePattern.exec(tree) : null;
  const refuse = (): never => {
    throw new ObjectError(`${path}: not a time such as 2006-01-02T15:04:05Z`);
  };
  if (match === null) return refuse();
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  // A date such as February 30 is another one by now.
  if (
    date.getUTCMonth() !== month - 1 ||
    date.getUTCDate() !== day ||
    hour > 23 ||
    minute > 59 ||
    second > 59
  ) {
    return refuse();
  }
  const offset = (Number(match[9] ?? 0) * 60 + Number(match[10] ?? 0)) * 60 * (match[8] === "-" ? -1 : 1);
  const nanos = Number((match[7] ?? "").padEnd(9, "0").slice(0, 9));
  return { seconds: BigInt(date.getTime() / 1000 - offset), nanos };
}

const duration: WellKnown = {
  zero: "0s",
  encodedZero: Buffer.from([8, 0]),
  decode: (bytes) => formatDuration(intField(fieldsOf(bytes), 1)),
  encode(tree, path) {
    try {
      if (typeof tree === "string") return encoded((writer) => writer.int64(1 << 3, parseDuration(tree)));
    } catch (error) {
      if (!(error instanceof ParseError)) throw error;
    }
    throw new ObjectError(`${path}: not a duration such as 1m30s`);
  },
};

const quantity: WellKnown = {
  zero: "0",
  encodedZero: Buffer.from([10, 1, 0x30]),
  decode(bytes) {
    const text = fieldsOf(bytes).get(1);
    return text === undefined ? "0" : text.toString();
  },
  encode(tree, path) {
    const text = typeof tree === "string" || typeof tree === "number" || typeof tree === "bigint" ? tree : "";
    const canonical = canonicalQuantity(String(text));
    if (canonical === undefined) throw new ObjectError(`${path}: not a quantity such as 500m or 1Gi`);
    return encoded((writer) => writer.string((1 << 3) + 2, canonical));
  },
};

const intOrString: WellKnown = {
  zero: 0,
  encodedZero: Buffer.from([8, 0, 16, 0, 26, 0]),
  decode(bytes) {
    const fields = fieldsOf(bytes);
    const type = intField(fields, 1);
    if (type === 1n) return (fields.get(3) ?? "").toString();
    return type === 0n ? Number(BigInt.asIntN(32, intField(fields, 2))) : undefined;
  },
  encode(tree, path) {
    const isText = typeof tree === "string";
    if (!isText && !(typeof tree === "number" && (tree | 0) === tree)) {
      throw new ObjectError(`${path}: neither an integer of 32 bits nor text`);
    }
    return encoded((writer) => {
      writer.int64(1 << 3, isText ? 1n : 0n);
      writer.int32(2 << 3, isText ? 0 : tree);
      writer.string((3 << 3) + 2, isText ? tree : "");
    });
  },
};

/** JSON inside of a message. */
const rawJson: WellKnown = {
  zero: null,
  encodedZero: nothing,
  decode(bytes) {
    const raw = fieldsOf(bytes).get(1);
    if (raw === undefined) return null;
    return typeof raw === "bigint" ? undefined : tryParseJson(raw);
  },
  encode: (tree) => encoded((writer) => writer.string((1 << 3) + 2, compactJson(tree))),
};

export const wellKnown: ReadonlyMap<string, WellKnown> = new Map([
  ["meta/v1.Time", timeCodec(false)],
  ["meta/v1.MicroTime", timeCodec(true)],
  ["meta/v1.Duration", duration],
  ["meta/v1.FieldsV1", rawJson],
  ["resource.Quantity", quantity],
  ["intstr.IntOrString", intOrString],
  ["runtime.RawExtension", rawJson],
  ["apiextensions/v1.JSON", rawJson],
  ["apiextensions/v1beta1.JSON", rawJson],
]);
