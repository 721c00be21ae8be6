// Durations as Go writes and reads them: 1h2m3.5s, 150ms, 1.5µs. Knows nobody above it.
// Nanoseconds as bigint, within int64. Answers to time.ParseDuration and time.Duration.String.
import { ParseError } from "./parse-error";

const unitsNs: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  "\u00b5s": 1_000n,
  "\u03bcs": 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

const limit = 1n << 63n;

/** Nanoseconds. Throws ParseError `time: invalid duration "x"`, `time: missing unit in duration "5"` and the like. */
export function parseDuration(text: string): bigint {
  const invalid = (): never => fail(`invalid duration ${quoteAscii(text)}`);
  const [, sign = "", magnitude = ""] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  if (magnitude === "0") return 0n;
  if (magnitude === "") return invalid();
  let total = 0n;
  for (let rest = magnitude; rest !== "";) {
    const [whole, integer = "", fraction = "", unit = ""] = /^(\d*)(?:\.(\d*))?([^.\d]*)/s.exec(rest) ?? [];
    if (whole === undefined || (integer === "" && fraction === "")) return invalid();
    if (BigInt(integer || "0") > limit) return invalid();
    if (unit === "") return fail(`missing unit in duration ${quoteAscii(text)}`);
    const unitNs = Object.hasOwn(unitsNs, unit) ? unitsNs[unit] : undefined;
    if (unitNs === undefined) return fail(`unknown unit ${quoteAscii(unit)} in duration ${quoteAscii(text)}`);
    total += BigInt(integer || "0") * unitNs + fractionNs(fraction, unitNs);
    if (total > limit) return invalid();
    rest = rest.slice(whole.length);
  }
  if (sign === "-") return -total;
  return total === limit ? invalid() : total;
}

/** Through a float, as Go does it; digits beyond int64 are dropped. */
function fractionNs(digits: string, unitNs: bigint): bigint {
  let value = 0n;
  let scale = 1;
  for (const digit of digits) {
    const next = value * 10n + BigInt(digit);
    if (value > (limit - 1n) / 10n || next > limit) break;
    value = next;
    scale *= 10;
  }
  return BigInt(Math.trunc(Number(value) * (Number(unitNs) / scale)));
}

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

/** value / 10^places without trailing zeros. */
function decimal(value: bigint, places: number): string {
  const digits = value.toString().padStart(places + 1, "0");
  const fraction = digits.slice(-places).replace(/0+$/, "");
  return digits.slice(0, -places) + (fraction === "" ? "" : `.${fraction}`);
}

/** The time package's own quoting: control characters and every byte outside ASCII as \xNN. */
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
