import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { replaceDatabase } from "../../src/offline/rewrite-database";
import { workFolder } from "../support/work-folder";

const folder = workFolder();
const { signal } = new AbortController();

test("replaceDatabase keeps a file that changes while the new one is written", async () => {
  const file = path.join(folder(), "db");
  writeFileSync(file, "old");
  function* chunks(): Generator<Buffer> {
    yield Buffer.from("new");
    writeFileSync(file, "of an etcd that was started meanwhile");
  }
  await expect(replaceDatabase(file, { sizeBytes: 3, chunks: chunks() }, signal)).rejects.toMatchObject({
    message: `another process started to use ${file}; the file is unchanged`,
  });
  expect(readFileSync(file, "utf8")).toBe("of an etcd that was started meanwhile");
  expect(readdirSync(folder())).toEqual(["db"]);
});
