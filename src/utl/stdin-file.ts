// `-` as a file name: what comes on stdin goes into a temporary file first, since a database is read by jumping about in it.
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Io } from "../io";
import { filePath, type FilePath } from "./database-file";
import { attempt } from "./write-file";

/** `use` gets the file to open. Nothing stays behind. */
export async function withInputFile<T>(
  name: string,
  io: Io,
  use: (file: FilePath) => Promise<T>,
): Promise<T> {
  if (name !== "-") return use(filePath(name, io));
  const folder = await attempt("mkdir", tmpdir(), mkdtemp(join(tmpdir(), "etcdutl-")));
  try {
    const path = join(folder, "stdin.db");
    const file = await attempt("open", path, open(path, "wx", 0o600));
    try {
      for await (const chunk of io.stdin.chunks()) {
        io.interrupt.throwIfAborted();
        await attempt("write", path, file.writeFile(chunk));
      }
    } finally {
      await file.close();
    }
    return await use({ shown: "standard input", path });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
