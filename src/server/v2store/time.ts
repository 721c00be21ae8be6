// Times with nanoseconds in Go's JSON form, RFC 3339: 2026-11-27T16:45:48.653906707Z. Written in UTC, read in every zone.

/** `ns` counts from the Unix epoch. */
export function formatTime(ns: bigint): string {
  const fraction = ((ns % second) + second) % second;
  const whole = new Date(Number((ns - fraction) / 1_000_000n)).toISOString().slice(0, 19);
  const digits = String(fraction).padStart(9, "0").replace(/0+$/, "");
  return digits === "" ? `${whole}Z` : `${whole}.${digits}Z`;
}

/** Go's zero time, which stands for: never. */
export const zeroTime = "0001-01-01T00:00:00Z";

/** Throws an Error for a text that is no time. */
export function parseTime(text: string): bigint {
  const [, whole, fraction = "", zone] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(text) ?? [];
  const ms = Date.parse(`${whole}${zone}`);
  if (Number.isNaN(ms)) throw new Error(`not a time: ${text}`);
  return BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, "0"));
}

const second = 1_000_000_000n;
