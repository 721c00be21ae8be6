import { randomBytes } from "node:crypto";
import { BlockFile } from "../../src/storage/block-file";
import { FormatError } from "../../src/storage/errors";
import { bytesRead } from "../support/bytes-read";
import { testFolder } from "./fixture-files";

const folder = testFolder();
const kib = 1024;
const bytes = randomBytes(3000 * kib + 17);

function open(name: string): BlockFile {
  return BlockFile.open(folder.file(name, bytes));
}

describe("a walk over the pages of a file", () => {
  test("reads each byte about once", async () => {
    const file = open("walked");
    const read = await bytesRead(() => {
      for (let offset = 0; offset + 12 * kib <= bytes.length; offset += 12 * kib) {
        expect(file.read(offset, 16).equals(bytes.subarray(offset, offset + 16))).toBe(true);
        expect(file.read(offset + 16, 100).equals(bytes.subarray(offset + 16, offset + 116))).toBe(true);
        const page = file.viewNext(offset, 12 * kib);
        expect(page.equals(bytes.subarray(offset, offset + 12 * kib))).toBe(true);
      }
      return Promise.resolve();
    });
    file.close();
    expect(read).toBeLessThan(1.3 * bytes.length);
  });

  test("gives the right bytes for pages in any order and of any size", () => {
    const file = open("any-order");
    let seed = 1;
    const next = (below: number) => (seed = (seed * 48271) % 2147483647) % below;
    for (let round = 0, last = 0; round < 3000; round++) {
      const size = next(10) === 0 ? next(400 * kib) : next(40 * kib);
      const near = last + next(80 * kib) - 20 * kib;
      const offset = Math.max(0, Math.min(next(4) === 0 ? next(bytes.length) : near, bytes.length - size));
      const got = [
        () => file.viewNext(offset, size),
        () => file.view(offset, size),
        () => file.read(offset, size),
      ];
      const found = (got[next(3)] as () => Buffer)();
      expect(found.equals(bytes.subarray(offset, offset + size))).toBe(true);
      last = offset + size > bytes.length - 100 * kib ? 0 : offset + size;
    }
    file.close();
  });

  test("is refused beyond the end of the file", () => {
    const file = open("beyond");
    file.viewNext(bytes.length - 100, 100);
    expect(() => file.viewNext(bytes.length - 99, 100)).toThrow(FormatError);
    expect(() => file.viewNext(bytes.length + 10, 1)).toThrow(FormatError);
    file.close();
  });
});
