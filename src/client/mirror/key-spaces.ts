// Where the mirrored keys are in both clusters: the same keys under one prefix here and another one there.
// Exchanging the prefix keeps the order of the keys, so a part of the one range is a part of the other.
//
//   source "src/", destination "dst/":   src/a ↔ dst/a,   [src/a, src/b) ↔ [dst/a, dst/b)

export interface KeySpace {
  readonly prefix: Uint8Array;
  /** The whole of it as a range: a request's key and range end. */
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

  /** A key without the prefix of its side, comparable in a Set. */
  nameAtSource(key: Uint8Array): string {
    return name(key, this.source);
  }

  nameAtDestination(key: Uint8Array): string {
    return name(key, this.destination);
  }
}

function name(key: Uint8Array, { prefix }: KeySpace): string {
  return Buffer.from(key.subarray(prefix.length)).toString("latin1");
}
