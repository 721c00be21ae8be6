// The db file of a stopped member without the room that deleted keys left in it: written anew beside the old one, which
// it replaces when it is on the disk. Answers to etcdutl's defrag_command.go and Defrag in etcd's backend.go.
import type { Io } from "../io";
import { checkExists, memberDatabase, openDatabase, waitUntilUnlocked } from "./database-file";
import { rewriteDatabase } from "./rewrite-database";
import { replaceDatabase } from "./write-file";

export async function defragment(dataDir: string, timeoutMs: number, io: Io): Promise<void> {
  const file = memberDatabase(dataDir, io);
  checkExists(file);
  await waitUntilUnlocked(file, { timeoutMs, io });
  const db = openDatabase(file);
  try {
    await replaceDatabase(file.path, rewriteDatabase(db), io.interrupt);
  } finally {
    db.close();
  }
}
