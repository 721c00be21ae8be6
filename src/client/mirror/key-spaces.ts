// Maps keys between the two clusters of a mirror: the same keys, with one prefix at the source and another at the
// destination. The exchange of the prefix keeps the order of the keys, so it also maps ranges.
//
//   source "old/", destination "new/":   old/a ↔ new/a,   [old/a, old/b) ↔ [new/a, new/b)

export interface KeySpace {
  readonly prefix: Uint8Array;
  /** The range of all its keys: key and range end of a request. */
  readonly key: Uint8Array;
  readonly rangeEnd: Uint8Array;
}

export class KeySpaces {
  constructor(
    readonly source: KeySpace,
    readonly destination: KeySpace,
  ) {}

  toDestination(key: Uint8Array): Uint8Array {
    return Buffer.concat([this.destination.prefix, key.subarray(this.source.prefix.length)]);
  }

  /** The key without the source's prefix, as a string for a Set. */
  nameAtSource(key: Uint8Array): string {
    return name(key, this.source);
  }

  /** The key without the destination's prefix. */
  nameAtDestination(key: Uint8Array): string {
    return name(key, this.destination);
  }
}

function name(key: Uint8Array, { prefix }: KeySpace): string {
  return Buffer.from(key.subarray(prefix.length)).toString("latin1");
}
