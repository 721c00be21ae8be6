// Quantities such as `500m` and `1Gi` in the form in which Kubernetes stores them. A quantity that its parser takes for canonical
// stays as the user wrote it, `+5k` and `5.` included.
// Go: k8s.io/apimachinery/pkg/api/resource/quantity.go (ParseQuantity, CanonicalizeBytes)

const pattern = /^([+-]?)0*(\d*)(?:\.(\d*))?([numkMGTPE]?|[KMGTPE]i|[eE][+-]?\d{1,6})$/;

const decimalSuffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
const binarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

/** No quantity has more than nine digits after the point. */
const smallestPower = -9;
const largestBinary = (1n << 63n) - 1n;

/** `digits` times ten to the power of `exponent`. */
interface Decimal {
  readonly digits: bigint;
  readonly exponent: number;
}

/** Undefined if the text is no quantity. */
export function canonicalQuantity(input: string): string | undefined {
  const text = input.trim();
  const [match, sign = "", whole = "", fraction = "", suffix = ""] = pattern.exec(text) ?? [];
  if (match === undefined || !/^[+-]?\.?\d/.test(text) || whole.length + fraction.length > 1000)
    return undefined;
  const isBinary = suffix.endsWith("i");
  if (isBinary ? isKeptBinary(whole, fraction, suffix) : isKeptDecimal(whole, fraction, suffix)) return text;
  const base = isBinary ? 1n << BigInt(binaryPower(suffix)) : 1n;
  const exponent = (isBinary ? 0 : decimalPower(suffix)) - fraction.length;
  const value = roundedUp({ digits: BigInt(`0${whole}${fraction}`) * base, exponent });
  if (value.digits === 0n) return "0";
  const magnitude = isBinary ? binaryText(value) : decimalText(value, /^[eE]./.test(suffix));
  return (sign === "-" ? "-" : "") + magnitude;
}

function isKeptDecimal(whole: string, fraction: string, suffix: string): boolean {
  const digits = (whole || "0") + fraction;
  const exponent = decimalPower(suffix) - fraction.length;
  const isShort = digits.length <= 18 && exponent >= smallestPower;
  return isShort && exponent % 3 === 0 && !digits.endsWith("000") && !digits.startsWith("0");
}

function isKeptBinary(whole: string, fraction: string, suffix: string): boolean {
  const isShort = fraction === "" && 14 - whole.length - Math.trunc(binaryPower(suffix) * 0.3) >= 0;
  return isShort && BigInt(whole || "0") % 8n !== 0n;
}

function decimalPower(suffix: string): number {
  if (/^[eE]./.test(suffix)) return Number(suffix.slice(1));
  return 3 * (decimalSuffixes.indexOf(suffix) - 3);
}

function binaryPower(suffix: string): number {
  return 10 * binarySuffixes.indexOf(suffix);
}

/** To nine digits after the point: who wants a little gets a little. */
function roundedUp({ digits, exponent }: Decimal): Decimal {
  const surplus = smallestPower - exponent;
  if (surplus <= 0) return { digits, exponent };
  // A number with that many places is less than the smallest one.
  if (surplus > 2000) return { digits: digits > 0n ? 1n : 0n, exponent: smallestPower };
  const divisor = 10n ** BigInt(surplus);
  return { digits: (digits + divisor - 1n) / divisor, exponent: smallestPower };
}

/** A power of ten that is a multiple of three, and no zeros that it could take. */
function decimalText({ digits, exponent }: Decimal, withExponent: boolean): string {
  while (digits % 10n === 0n) {
    digits /= 10n;
    exponent++;
  }
  while (exponent % 3 !== 0) {
    digits *= 10n;
    exponent--;
  }
  const suffix = withExponent ? undefined : decimalSuffixes[exponent / 3 + 3];
  return `${digits}${suffix ?? (exponent === 0 ? "" : `e${exponent}`)}`;
}

/** Values below 1024 and those with a fraction have decimal suffixes. */
function binaryText({ digits, exponent }: Decimal): string {
  const scale = 10n ** BigInt(-exponent);
  if (digits > largestBinary * scale) return largestBinary.toString();
  if (digits < 1024n * scale || digits % scale !== 0n) return decimalText({ digits, exponent }, false);
  let [rest, at] = [digits / scale, 0];
  while (rest % 1024n === 0n && at < binarySuffixes.length - 1) {
    rest /= 1024n;
    at++;
  }
  return `${rest}${binarySuffixes[at]}`;
}
