// Numbers for eyes, and keys in addresses.

const binaryUnits = ["B", "KiB", "MiB", "GiB", "TiB"];

/** `512 B`, `1.5 KiB` */
export function bytes(count: number): string {
  let unit = 0;
  let size = count;
  for (; size >= 1024 && unit < binaryUnits.length - 1; unit++) size /= 1024;
  const isWhole = Number.isInteger(size) || size >= 100;
  return `${isWhole ? Math.round(size) : size.toFixed(1)} ${binaryUnits[unit]}`;
}

/** `12 345`, with thin spaces: no language reads it as a fraction. */
export function number(count: number | string): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

/** `1 key`, `2 keys` */
export function counted(count: number, noun: string): string {
  return `${number(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** `1.2k`, `3.4M`: for a narrow column. */
export function short(count: number): string {
  if (count < 10_000) return String(count);
  const [size, unit] = count < 1e6 ? [count / 1e3, "k"] : [count / 1e6, "M"];
  return `${size >= 100 ? Math.round(size) : size.toFixed(1)}${unit}`;
}

export function milliseconds(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`;
  return `${ms < 10 && !Number.isInteger(ms) ? ms.toFixed(1) : Math.round(ms)} ms`;
}

/** `95 s`, `3 min`, `2.5 h` */
export function seconds(count: number): string {
  if (count < 120) return `${count} s`;
  return count < 7200 ? `${Math.round(count / 60)} min` : `${(count / 3600).toFixed(1)} h`;
}

export function toAddress(key: string): string {
  return key.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

export function fromAddress(text: string): string {
  const key = text.replaceAll("-", "+").replaceAll("_", "/");
  return key + "=".repeat((4 - (key.length % 4)) % 4);
}

export function encodeKey(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

export function decodeKey(key: string): Uint8Array {
  return Uint8Array.from(atob(key), (character) => character.charCodeAt(0));
}

/** The key as text; as src/ui/names.ts, with marks of the writing direction and control characters escaped. */
export function labelOf(key: string): string {
  return new TextDecoder().decode(decodeKey(key)).replace(unsafe, (character) => {
    const code = character.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, "0")}` : `\\x${code.padStart(2, "0")}`;
  });
}

// eslint-disable-next-line no-control-regex -- it matches control characters
const unsafe = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** The prefixes of a key that end with a slash, shortest first: the folders that it is in. */
export function foldersOf(key: string): string[] {
  const binary = atob(key);
  const ends = Array.from(binary.matchAll(/\//g), ({ index }) => index + 1).filter(
    (end) => end < binary.length,
  );
  return ends.map((end) => btoa(binary.slice(0, end)));
}
