// A set of page ids, one bit each: 32 KiB for a file of 1 GiB. Reader and check keep what they have met in it.
export class PageSet {
  private readonly bits: Uint8Array;

  constructor(pageCount: number) {
    this.bits = new Uint8Array(Math.ceil(pageCount / 8));
  }

  has(pageId: number): boolean {
    return (((this.bits[pageId >>> 3] ?? 0) >>> (pageId & 7)) & 1) === 1;
  }

  /** False where it was there already. */
  add(pageId: number): boolean {
    if (this.has(pageId)) return false;
    this.bits[pageId >>> 3] = (this.bits[pageId >>> 3] ?? 0) | (1 << (pageId & 7));
    return true;
  }

  /** Adds a page and its overflow pages; false, and stops, at the first that was there already. */
  addAll(page: { readonly id: number; readonly overflow: number }): boolean {
    for (let pageId = page.id; pageId <= page.id + page.overflow; pageId++)
      if (!this.add(pageId)) return false;
    return true;
  }
}
