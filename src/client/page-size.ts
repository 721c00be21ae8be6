// How many keys the next page of a range should hold, so that pages come near a size in bytes, which a request cannot
// name. Pages grow at most sixteenfold, since the keys ahead may be larger than those seen.

/** Not many, since values may be up to 1.5 MiB; most ranges fit in it and need one call. */
export const firstPageKeys = 256;

/** Large, since a server counts all keys ahead again for every page. */
const targetBytes = 8 * 1024 * 1024;
const mostGrowth = 16;

export function nextPageKeys(before: { readonly length: number; readonly sizeBytes: number }): number {
  const wanted = Math.round((targetBytes * before.length) / Math.max(before.sizeBytes, 1));
  return Math.max(1, Math.min(wanted, before.length * mostGrowth));
}
