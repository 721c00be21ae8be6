// When the db file is written while a server runs.
import { statSync } from "node:fs";
import path from "node:path";
import { systemClock } from "../../src/clock";
import { PutRequest } from "../../src/proto/gen/etcdserverpb";
import { openMember, type OpenedMember } from "../../src/server/member/open-member";
import { openDataDir } from "../../src/storage/data-dir";
import { readDatabase } from "../../src/storage/read-database";
import { until } from "../support/until";
import { workFolder } from "../support/work-folder";

let member: OpenedMember | undefined;
// Before the folder is removed.
afterEach(() => member?.close());
const folder = workFolder();
const snapshotBytes = 64 * 1024;

async function open(): Promise<OpenedMember> {
  const dir = await openDataDir(path.join(folder(), "d"), { mode: "write" });
  return (member = await openMember(dir, { clock: systemClock, elects: true, snapshotBytes }));
}

async function put(key: string, sizeBytes: number): Promise<void> {
  await member?.server.proposeRequest(
    "put",
    PutRequest.create({ key: Buffer.from(key), value: Buffer.alloc(sizeBytes) }),
  );
}

const databasePath = () => path.join(folder(), "d", "member", "snap", "db");

function revisionInFile(): number {
  const database = readDatabase(databasePath());
  const revision = database.lastRevision();
  database.close();
  return revision;
}

test("A log of few entries gets into the db file when it is long and has half of the file's size.", async () => {
  await open();
  await put("a", snapshotBytes / 2);
  expect(revisionInFile()).toBe(1);
  await put("b", 4 * snapshotBytes);
  const written = member?.server.store.revision ?? 0;
  await until("the db file has both keys", async () => {
    await put("more", snapshotBytes);
    return revisionInFile() >= written;
  });
  // The file has everything after a stop.
  await member?.close();
  await open();
  const before = revisionInFile();
  // Long enough, but not half of the file.
  await put("c", snapshotBytes);
  await put("d", 1);
  expect(revisionInFile()).toBe(before);
});

test("A defragmentation writes the db file, which is then as small as the store.", async () => {
  const { server } = await open();
  for (let i = 0; i < 8; i++) await put("a", 4 * snapshotBytes);
  await put("b", 1);
  const { revision } = server.store;
  await server.proposeRequest("compaction", { revision: BigInt(revision), physical: true });
  await server.defragment();
  expect(revisionInFile()).toBe(revision);
  expect(statSync(databasePath()).size).toBeLessThan(8 * snapshotBytes);
  expect(server.store.sizeBytes).toBeLessThan(8 * snapshotBytes);
});
