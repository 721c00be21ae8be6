// Sizes for people, in powers of 1000: `0 B`, `29 kB`, `2.1 GB`. Knows nobody above it.
// One decimal below 10, else whole units, halves to the even one. Answers to go-humanize's Bytes.

const units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"] as const;

/** A negative size counts as the unsigned 64-bit number with its bits, as in etcdctl. */
export function humanizeBytes(sizeBytes: bigint): string {
  const size = Number(BigInt.asUintN(64, sizeBytes));
  if (size < 10) return `${size} B`;
  const exponent = Math.floor(Math.log(size) / Math.log(1000));
  const tenths = Math.floor((size / 1000 ** exponent) * 10 + 0.5);
  const digits = tenths < 100 ? (tenths / 10).toFixed(1) : wholes(tenths).toString();
  return `${digits} ${units[exponent]}`;
}

function wholes(tenths: number): number {
  const whole = Math.floor(tenths / 10);
  const rest = tenths % 10;
  return rest > 5 || (rest === 5 && whole % 2 === 1) ? whole + 1 : whole;
}
