// The directories of a restored member while restore writes them, next to their final places. When all files are on the
// disk, renames move them into place; after a failure they are removed. The data dir may be a mount point.
import { mkdir, rename, rm, rmdir } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, sep } from "node:path";
import { pid } from "node:process";
import { makeDirectories, syncDirectory, withPath } from "../storage/files";

/** Prefix of what a killed restore leaves in the data dir. */
export const stagedMemberPrefix = "member.restoring-";

export class Staging {
  private readonly memberDir: string;
  private readonly isWalInMember: boolean;
  private readonly stagedMember: string;
  private readonly stagedWal: string;
  /** The topmost directory that make() created. */
  private topmostMade: string | undefined;
  private topmostMadeForWal: string | undefined;
  private hasMovedWal = false;

  constructor(
    private readonly dataDir: string,
    private readonly finalWal: string,
  ) {
    this.memberDir = join(dataDir, "member");
    this.stagedMember = join(dataDir, `${stagedMemberPrefix}${pid}`);
    const walInMember = relative(this.memberDir, finalWal);
    this.isWalInMember = !isAbsolute(walInMember) && walInMember.split(sep)[0] !== "..";
    this.stagedWal = this.isWalInMember
      ? join(this.stagedMember, walInMember)
      : join(dirname(finalWal), `${basename(finalWal)}.restoring-${pid}`);
  }

  get snapDir(): string {
    return join(this.stagedMember, "snap");
  }

  get walDir(): string {
    return this.stagedWal;
  }

  async make(): Promise<void> {
    this.topmostMade = await makeNew(this.stagedMember);
    await makeAll(this.snapDir);
    this.topmostMadeForWal = this.isWalInMember
      ? await makeAll(this.stagedWal)
      : await makeNew(this.stagedWal);
  }

  /** Moves the log first, since etcd takes a directory for a member only when the db file is there. */
  async commit(): Promise<void> {
    for (const each of [this.snapDir, this.stagedWal, this.stagedMember]) await syncDirectory(each);
    if (!this.isWalInMember) {
      await withPath("rename", this.finalWal, rename(this.stagedWal, this.finalWal));
      this.hasMovedWal = true;
      await syncDirectory(dirname(this.finalWal));
    }
    await withPath("rename", this.memberDir, rename(this.stagedMember, this.memberDir));
    await syncDirectory(this.dataDir);
    if (this.topmostMade !== undefined) await syncDirectory(dirname(this.topmostMade));
  }

  /** Never throws: the caller reports the failure that came before. */
  async discard(): Promise<void> {
    const all = [
      ...(this.topmostMade === undefined ? [] : [this.stagedMember]),
      ...(this.topmostMadeForWal === undefined ? [] : [this.stagedWal]),
      ...(this.hasMovedWal ? [this.finalWal] : []),
    ];
    for (const each of all) await rm(each, { recursive: true, force: true }).catch(() => undefined);
    await removeEmpty(this.topmostMadeForWal, dirname(this.stagedWal));
    await removeEmpty(this.topmostMade, this.dataDir);
  }
}

async function makeAll(path: string): Promise<string | undefined> {
  return withPath("mkdir", path, makeDirectories(path));
}

/** Makes a directory that must not exist, not even as a link to one, and the missing directories above it. */
async function makeNew(path: string): Promise<string | undefined> {
  const topmost = await withPath("mkdir", path, makeDirectories(dirname(path)));
  await withPath("mkdir", path, mkdir(path, { mode: 0o700 }));
  return topmost ?? path;
}

/** Removes `lowest` and its parents up to `topmost`, and stops at the first that is not empty. */
async function removeEmpty(topmost: string | undefined, lowest: string): Promise<void> {
  if (topmost === undefined) return;
  try {
    for (let each = lowest; each.startsWith(topmost); each = dirname(each)) await rmdir(each);
  } catch {
    // Not empty, or gone.
  }
}
