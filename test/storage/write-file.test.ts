import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { replaceDatabase } from "../../src/storage/write-file";
import { workFolder } from "../support/work-folder";

const folder = workFolder();
const { signal } = new AbortController();

test("a file that changed while the new one was written stays", async () => {
  const file = path.join(folder(), "db");
  writeFileSync(file, "old");
  function* chunks(): Generator<Buffer> {
    yield Buffer.from("new");
    writeFileSync(file, "of an etcd that was started meanwhile");
  }
  await expect(replaceDatabase(file, { sizeBytes: 3, chunks: chunks() }, signal)).rejects.toMatchObject({
    message: `${file} was taken into use meanwhile; it stays as it was`,
  });
  expect(readFileSync(file, "utf8")).toBe("of an etcd that was started meanwhile");
  expect(readdirSync(folder())).toEqual(["db"]);
});
