// Values with units: durations as Go writes and parses them (1h2m3.5s, 150ms, 1.5µs), and sizes as go-humanize writes them.
// A duration is a bigint of nanoseconds within int64.
// Go: time/format.go (ParseDuration), time/time.go (Duration.String), github.com/dustin/go-humanize (bytes.go)
import { ParseError } from "./strconv";

const durationUnitsNs: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  "\u00b5s": 1_000n,
  "\u03bcs": 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

const durationLimit = 1n << 63n;

/** Parses a duration to nanoseconds. Throws ParseError with Go's text, for example `time: invalid duration "x"`. */
export function parseDuration(text: string): bigint {
  const invalid = (): never => fail(`invalid duration ${quoteAscii(text)}`);
  const [, sign = "", magnitude = ""] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  if (magnitude === "0") return 0n;
  if (magnitude === "") return invalid();
  let total = 0n;
  for (let rest = magnitude; rest !== "";) {
    const [whole, integer = "", fraction = "", unit = ""] = /^(\d*)(?:\.(\d*))?([^.\d]*)/s.exec(rest) ?? [];
    if (whole === undefined || (integer === "" && fraction === "")) return invalid();
    if (BigInt(integer || "0") > durationLimit) return invalid();
    if (unit === "") return fail(`missing unit in duration ${quoteAscii(text)}`);
    const unitNs = Object.hasOwn(durationUnitsNs, unit) ? durationUnitsNs[unit] : undefined;
    if (unitNs === undefined) return fail(`unknown unit ${quoteAscii(unit)} in duration ${quoteAscii(text)}`);
    total += BigInt(integer || "0") * unitNs + fractionNs(fraction, unitNs);
    if (total > durationLimit) return invalid();
    rest = rest.slice(whole.length);
  }
  if (sign === "-") return -total;
  return total === durationLimit ? invalid() : total;
}

/** Calculates with a float, as Go does. Digits beyond int64 are dropped. */
function fractionNs(digits: string, unitNs: bigint): bigint {
  let value = 0n;
  let scale = 1;
  for (const digit of digits) {
    const next = value * 10n + BigInt(digit);
    if (value > (durationLimit - 1n) / 10n || next > durationLimit) break;
    value = next;
    scale *= 10;
  }
  return BigInt(Math.trunc(Number(value) * (Number(unitNs) / scale)));
}

/** Go: Duration.String */
export function formatDuration(durationNs: bigint): string {
  const sign = durationNs < 0n ? "-" : "";
  const ns = durationNs < 0n ? -durationNs : durationNs;
  if (ns === 0n) return "0s";
  if (ns < 1_000n) return `${sign}${ns}ns`;
  if (ns < 1_000_000n) return `${sign}${decimal(ns, 3)}\u00b5s`;
  if (ns < 1_000_000_000n) return `${sign}${decimal(ns, 6)}ms`;
  const minutes = ns / 60_000_000_000n;
  const seconds = `${decimal(ns % 60_000_000_000n, 9)}s`;
  if (minutes === 0n) return `${sign}${seconds}`;
  const hours = minutes / 60n;
  return `${sign}${hours > 0n ? `${hours}h` : ""}${minutes % 60n}m${seconds}`;
}

/** value / 10^places, without trailing zeros. */
function decimal(value: bigint, places: number): string {
  const digits = value.toString().padStart(places + 1, "0");
  const fraction = digits.slice(-places).replace(/0+$/, "");
  return digits.slice(0, -places) + (fraction === "" ? "" : `.${fraction}`);
}

/** Quotes as the time package does: control characters and every byte outside ASCII become \xNN. */
function quoteAscii(text: string): string {
  const quoted = Array.from(Buffer.from(text), (byte) => {
    if (byte < 0x20 || byte > 0x7f) return `\\x${byte.toString(16).padStart(2, "0")}`;
    const character = String.fromCharCode(byte);
    return character === '"' || character === "\\" ? `\\${character}` : character;
  });
  return `"${quoted.join("")}"`;
}

function fail(reason: string): never {
  throw new ParseError(`time: ${reason}`);
}

const sizeUnits = ["B", "kB", "MB", "GB", "TB", "PB", "EB"] as const;

/**
 * A size in powers of 1000: `0 B`, `29 kB`, `2.1 GB`. It has one decimal below 10, otherwise none; halves round to even. A
 * negative size counts as the unsigned 64-bit number with the same bits, as in etcdctl.
 */
export function humanizeBytes(sizeBytes: bigint): string {
  const size = Number(BigInt.asUintN(64, sizeBytes));
  if (size < 10) return `${size} B`;
  const exponent = Math.floor(Math.log(size) / Math.log(1000));
  const tenths = Math.floor((size / 1000 ** exponent) * 10 + 0.5);
  const digits = tenths < 100 ? (tenths / 10).toFixed(1) : roundToWhole(tenths).toString();
  return `${digits} ${sizeUnits[exponent]}`;
}

function roundToWhole(tenths: number): number {
  const whole = Math.floor(tenths / 10);
  const rest = tenths % 10;
  return rest > 5 || (rest === 5 && whole % 2 === 1) ? whole + 1 : whole;
}
