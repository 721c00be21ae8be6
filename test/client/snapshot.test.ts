import { createHash, randomBytes } from "node:crypto";
import { copySnapshot } from "../../src/client/snapshot";
import { fakeTransport } from "../support/fake-transport";

const database = randomBytes(512 * 9);
const whole = Buffer.concat([database, createHash("sha256").update(database).digest()]);

async function copy(bytes: Uint8Array, blobBytes: number) {
  const messages = function* () {
    for (let at = 0; at < bytes.length; at += blobBytes) {
      yield { blob: bytes.subarray(at, at + blobBytes), version: "3.7.0" };
    }
  };
  const written: Uint8Array[] = [];
  const transport = fakeTransport({ Snapshot: messages });
  const summary = await copySnapshot(transport, {}, (blobs) => void written.push(...blobs));
  return { summary, written: Buffer.concat(written) };
}

test.each([1, 7, 31, 32, 33, 512, 100_000])(
  "blobs of %d bytes are handed on as they are",
  async (blobBytes) => {
    const { summary, written } = await copy(whole, blobBytes);
    expect(written).toEqual(whole);
    expect(summary).toEqual({ version: "3.7.0", sizeBytes: whole.length });
  },
);

test("a changed byte and a missing end are errors", async () => {
  const changed = Buffer.from(whole);
  changed.writeUInt8((changed.readUInt8(100) + 1) & 255, 100);
  await expect(copy(changed, 512)).rejects.toThrow("sha256 checksum mismatch");
  await expect(copy(whole.subarray(0, 512 * 9), 512)).rejects.toThrow(
    "sha256 checksum not found [bytes: 4608]",
  );
});

test("A stream that is longer than announced is an error, as it may have no end.", async () => {
  let written = 0;
  const endless = function* () {
    for (;;) yield { blob: database, remainingBytes: BigInt(database.length) };
  };
  const transport = fakeTransport({ Snapshot: endless });
  const copying = copySnapshot(transport, {}, (_, { sizeBytes }) => void (written = sizeBytes));
  await expect(copying).rejects.toThrow("the server sends more than the 9248 bytes that it announced");
  expect(written).toBe(2 * database.length);
});
