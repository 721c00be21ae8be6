// Counts what is read from files with readSync, which storage/block-file.ts uses.
import fs from "node:fs";

/** The bytes that `action` reads. */
export async function bytesRead(action: () => Promise<void>): Promise<number> {
  let sizeBytes = 0;
  const { readSync } = fs;
  const spy = jest.spyOn(fs, "readSync").mockImplementation(((...args: Parameters<typeof readSync>) => {
    const bytes = readSync(...args);
    sizeBytes += bytes;
    return bytes;
  }) as typeof readSync);
  try {
    await action();
    return sizeBytes;
  } finally {
    spy.mockRestore();
  }
}
