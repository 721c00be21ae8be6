// The last save of a server: to its data dir, again, next to it, in the system's temporary directory. Whatever happens, the
// error says where the data is, and nothing unfinished is left.
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { CliError } from "../../src/errors";
import type { DatabaseContents } from "../../src/storage/contents";
import { openDataDir, type DataDir } from "../../src/storage/data-dir";
import { saveOrKeepElsewhere } from "../../src/storage/keep-elsewhere";
import { workFolder } from "../support/work-folder";

const folder = workFolder();
const inFolder = (...names: string[]) => path.join(folder(), ...names);

function contentsWith(clusterVersion: string, records: DatabaseContents["records"] = []): DatabaseContents {
  return {
    records,
    leases: [],
    finishedCompactRevision: 0,
    scheduledCompactRevision: 0,
    consistentIndex: 1n,
    term: 1n,
    members: [],
    clusterVersion,
    storageVersion: "",
    otherBuckets: [],
  };
}

/** A record that cannot be written, as on a full disk. */
function unwritable(): DatabaseContents["records"] {
  const read = (): Buffer => {
    throw new Error("ENOSPC: no space left on device, write");
  };
  const source = { read, view: read };
  return [{ main: 2, sub: 0, tombstone: false, source, offset: 0, sizeBytes: 2000 }];
}

async function save(dir: string, version: string): Promise<void> {
  const opened = await openDataDir(dir, { mode: "write" });
  await opened.save(contentsWith(version));
  await opened.close();
}

async function versionIn(dir: string): Promise<string | undefined> {
  const opened = await openDataDir(dir, { mode: "read" });
  await opened.close();
  return opened.database?.clusterVersion;
}

/** Opens `dir`, lets `harm` happen to it, and saves. */
async function saveAfter(
  dir: string,
  harm: () => void | Promise<void>,
  {
    contents = () => contentsWith("new"),
    temporary,
  }: { contents?: () => DatabaseContents; temporary?: string } = {},
): Promise<CliError | undefined> {
  const opened = await openDataDir(dir, { mode: "write" });
  await harm();
  try {
    await saveOrKeepElsewhere(opened, contents, temporary);
    return undefined;
  } catch (error) {
    if (error instanceof CliError) return error;
    throw error;
  } finally {
    await opened.close();
  }
}

/** The directory that the first hint names. */
function keptIn(error: CliError | undefined): string {
  const [, kept = ""] = /^all data is in (\S+): --offline=\1 reads it/.exec(error?.hints[0] ?? "") ?? [];
  return kept;
}

describe("the last save", () => {
  test("makes a deleted data dir again", async () => {
    const dir = inFolder("d");
    await save(dir, "old");
    expect(await saveAfter(dir, () => rmSync(dir, { recursive: true }))).toBeUndefined();
    expect(await versionIn(dir)).toBe("new");
    expect(readdirSync(folder())).toEqual(["d"]);
    expect(readdirSync(dir)).toEqual(["member"]);
  });

  test("tries a second time", async () => {
    const dir = inFolder("d");
    let tries = 0;
    const contents = () => contentsWith("new", tries++ === 0 ? unwritable() : []);
    expect(await saveAfter(dir, () => undefined, { contents })).toBeUndefined();
    expect(await versionIn(dir)).toBe("new");
  });

  test("makes a data dir next to one that cannot be written", async () => {
    const dir = inFolder("d");
    const error = await saveAfter(dir, () => {
      rmSync(dir, { recursive: true });
      writeFileSync(dir, "");
    });
    expect(error).toMatchObject({ exitCode: 1, message: expect.stringContaining(`cannot save ${dir}: `) });
    const kept = keptIn(error);
    expect(readdirSync(folder())).toEqual(["d", path.basename(kept)]);
    expect(await versionIn(kept)).toBe("new");
    expect(readdirSync(kept)).toEqual(["member"]);
  });

  test("uses the temporary directory when nothing can be made next to the data dir", async () => {
    const dir = inFolder("parent", "d");
    const temporary = inFolder("temporary");
    mkdirSync(temporary);
    const error = await saveAfter(
      dir,
      () => {
        rmSync(inFolder("parent"), { recursive: true });
        writeFileSync(inFolder("parent"), "");
      },
      { temporary },
    );
    expect(path.dirname(keptIn(error))).toBe(temporary);
    expect(await versionIn(keptIn(error))).toBe("new");
  });

  test("says that all is lost only when no place is left, and leaves the older state and no rest", async () => {
    const dir = inFolder("d");
    await save(dir, "old");
    const error = await saveAfter(dir, () => undefined, {
      contents: () => contentsWith("new", unwritable()),
    });
    expect(error?.message).toBe(`cannot save ${dir}: no space left on device`);
    expect(error?.hints).toEqual([
      expect.stringMatching(/^no place in .*: no space left on device$/),
      expect.stringMatching(/^no place in .*: no space left on device$/),
      "all changes since the start are lost",
      "the state that was saved before is unchanged",
    ]);
    expect(readdirSync(folder())).toEqual(["d"]);
    expect(readdirSync(inFolder("d", "member", "snap"))).toEqual(["db"]);
    expect(await versionIn(dir)).toBe("old");
  });

  test("does not speak of an older state that is gone", async () => {
    const dir = inFolder("d");
    await save(dir, "old");
    const error = await saveAfter(dir, () => rmSync(dir, { recursive: true }), {
      contents: () => contentsWith("new", unwritable()),
    });
    expect(error?.hints.at(-1)).toBe("all changes since the start are lost");
  });
});

describe("a directory that another process has made again", () => {
  const remade = async (use: (dir: string) => Promise<void> | void) => {
    const dir = inFolder("d");
    await save(dir, "old");
    const error = await saveAfter(dir, async () => {
      rmSync(dir, { recursive: true });
      await use(dir);
    });
    expect(await versionIn(keptIn(error))).toBe("new");
    return error?.message;
  };

  test("keeps the state of that process, which has ended", async () => {
    const dir = inFolder("d");
    expect(await remade((each) => save(each, "theirs"))).toBe(
      `cannot save ${dir}: another process has replaced the directory`,
    );
    expect(await versionIn(dir)).toBe("theirs");
    expect(readdirSync(dir)).toEqual(["member"]);
  });

  test("keeps the lock of that process, which still runs", async () => {
    let theirs: DataDir | undefined;
    const message = await remade(async (dir) => {
      theirs = await openDataDir(dir, { mode: "write" });
    });
    expect(message).toContain("the data dir is in use: ");
    expect(existsSync(inFolder("d", "etcdctl.lock"))).toBe(true);
    await theirs?.save(contentsWith("theirs"));
    await theirs?.close();
    expect(await versionIn(inFolder("d"))).toBe("theirs");
  });
});
