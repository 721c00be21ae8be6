// New files beside others: no link is followed, and only what a crashed run left is replaced.
import { readFile, readdir, symlink, writeFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { pid } from "node:process";
import { Staging } from "../../src/offline/staging";
import { replaceFile } from "../../src/storage/files";
import { workFolder } from "../support/work-folder";

const folder = workFolder();
const at = (name: string) => join(folder(), name);
const replace = () =>
  replaceFile(at("db"), [Buffer.from("new")], {
    temporary: at("tmp"),
    beforeRename: () => Promise.resolve(),
  });

test("a file is not replaced through a link at its temporary name, and the link stays", async () => {
  await writeFile(at("db"), "old");
  await writeFile(at("victim"), "precious");
  await symlink(at("victim"), at("tmp"));
  await expect(replace()).rejects.toThrow("file exists");
  expect(await readFile(at("victim"), "utf8")).toBe("precious");
  expect(await readFile(at("db"), "utf8")).toBe("old");
  expect((await readdir(folder())).sort()).toEqual(["db", "tmp", "victim"]);
});

test("what a crashed run left at the temporary name is replaced", async () => {
  await writeFile(at("tmp"), "left over");
  await replace();
  expect(await readFile(at("db"), "utf8")).toBe("new");
  expect(await readdir(folder())).toEqual(["db"]);
});

test("a restore does not write into a directory that another user made or linked at its temporary name", async () => {
  await mkdir(at("other"));
  await writeFile(at("other/file"), "precious");
  await mkdir(at("data"));
  await symlink(at("other"), at(`data/member.restoring-${pid}`));
  const staging = new Staging(at("data"), at("data/member/wal"));
  await expect(staging.make()).rejects.toThrow("file exists");
  await staging.discard();
  expect(await readdir(at("other"))).toEqual(["file"]);
  expect(await readdir(at("data"))).toEqual([`member.restoring-${pid}`]);
});
