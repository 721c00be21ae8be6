// The directories of a restored member while they are made, beside the places that they will have: they take these places
// by renames when all is on the disk, or vanish without a trace. Works where the data dir is a mount point.
import { rename, rm, rmdir } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, sep } from "node:path";
import { pid } from "node:process";
import type { Clock } from "../clock";
import { attempt, makeDirectories, syncDirectory } from "../storage/write-file";

/** What a restore that was killed leaves in the data dir begins so. */
export const stagedMember = "member.restoring-";

export class Staging {
  private readonly memberDir: string;
  private readonly isWalInside: boolean;
  private readonly stagedMember: string;
  private readonly stagedWal: string;
  /** The first directory that was not there before. */
  private made: string | undefined;
  private madeForWal: string | undefined;
  private committedWal = false;

  constructor(
    private readonly dataDir: string,
    private readonly finalWal: string,
  ) {
    this.memberDir = join(dataDir, "member");
    this.stagedMember = join(dataDir, `${stagedMember}${pid}`);
    const inMember = relative(this.memberDir, finalWal);
    this.isWalInside = !isAbsolute(inMember) && inMember.split(sep)[0] !== "..";
    this.stagedWal = this.isWalInside
      ? join(this.stagedMember, inMember)
      : join(dirname(finalWal), `${basename(finalWal)}.restoring-${pid}`);
  }

  get snapDir(): string {
    return join(this.stagedMember, "snap");
  }

  get walDir(): string {
    return this.stagedWal;
  }

  async make(): Promise<void> {
    this.made = await makeAll(this.snapDir);
    this.madeForWal = await makeAll(this.stagedWal);
  }

  /** The log first: what has no db file is no member yet. */
  async commit(): Promise<void> {
    for (const each of [this.snapDir, this.stagedWal, this.stagedMember]) await syncDirectory(each);
    if (!this.isWalInside) {
      await attempt("rename", this.finalWal, rename(this.stagedWal, this.finalWal));
      this.committedWal = true;
      await syncDirectory(dirname(this.finalWal));
    }
    await attempt("rename", this.memberDir, rename(this.stagedMember, this.memberDir));
    await syncDirectory(this.dataDir);
    if (this.made !== undefined) await syncDirectory(dirname(this.made));
  }

  /** Never fails: there is a failure already, and it is to be told. */
  async discard(): Promise<void> {
    const all = [this.stagedMember, this.stagedWal, ...(this.committedWal ? [this.finalWal] : [])];
    for (const each of all) await rm(each, { recursive: true, force: true }).catch(() => undefined);
    await removeEmpty(this.madeForWal, dirname(this.stagedWal));
    await removeEmpty(this.made, this.dataDir);
  }
}

async function makeAll(path: string): Promise<string | undefined> {
  return attempt("mkdir", path, makeDirectories(path));
}

/** From `last` up to `first`, as long as they are empty. */
async function removeEmpty(first: string | undefined, last: string): Promise<void> {
  if (first === undefined) return;
  for (let each = last; each.startsWith(first); each = dirname(each)) {
    if (
      !(await rmdir(each).then(
        () => true,
        () => false,
      ))
    )
      return;
  }
}

// A line on stderr in the form of etcdutl's log: time, level, who, what, details as JSON, with tabs between.
// Answers to zap's console encoder as etcdutl's GetLogger sets it up.

type Details = Readonly<Record<string, string | number | bigint>>;

export function logLine(
  clock: Clock,
  message: string,
  details: Details,
  level: "info" | "warn" = "info",
): string {
  const shown = Object.entries(details).map(([name, value]) => {
    return `"${name}": ${typeof value === "string" ? JSON.stringify(value) : value}`;
  });
  const rest = shown.length > 0 ? `\t{${shown.join(", ")}}` : "";
  return `${new Date(clock.now()).toISOString().replace(/\.\d+/, "")}\t${level}\tetcdutl\t${message}${rest}\n`;
}
