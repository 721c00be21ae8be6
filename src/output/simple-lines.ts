// Whole lines of text, for the simple format.

export function line(text: string): Uint8Array {
  return Buffer.from(`${text}\n`);
}

export function lines<T>(items: readonly T[], text: (item: T) => string): Uint8Array {
  return Buffer.from(items.map((item) => `${text(item)}\n`).join(""));
}
