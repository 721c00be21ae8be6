// What a backup job asks of `snapshot save`: names with the date, and the removal of older files. Only files that the template
// itself made are ever removed: a regular file whose whole name fits, with a date in it.
import { readdir, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { badArgs } from "../../errors";
import type { Io } from "../../io";
import { withPath } from "../../storage/files";

export interface SaveTarget {
  /** The file to write, for messages; `-` for stdout. */
  readonly path: string;
  /** Names the job in metrics: the path, with the template in place of the name. */
  readonly label: string;
  /** Where the template makes files. */
  readonly series?: {
    readonly folder: string;
    readonly name: string;
    readonly isMade: (name: string) => boolean;
  };
}

interface JobFlags {
  readonly "name-template": string;
  readonly keep: number;
}

export function saveTarget(
  args: readonly string[],
  flags: JobFlags,
  io: Pick<Io, "clock" | "cwd">,
): SaveTarget {
  const template = flags["name-template"];
  const [path] = args;
  if (template === "") {
    if (flags.keep > 0) throw badArgs("--keep needs --name-template, whose files it counts");
    if (path === undefined || args.length !== 1) {
      throw badArgs("snapshot save expects one argument <filename>");
    }
    return { path, label: path === "-" ? path : resolve(io.cwd, path) };
  }
  if (args.length > 1)
    throw badArgs("snapshot save with --name-template expects at most one argument, a directory");
  if (path === "-") throw badArgs("--name-template needs a directory, not standard output");
  checkTemplate(template);
  const folder = path ?? ".";
  const name = filled(template, dateText(io.clock.now()));
  return {
    path: path === undefined ? name : join(folder, name),
    label: join(resolve(io.cwd, folder), template),
    series: { folder: resolve(io.cwd, folder), name, isMade: madeBy(template) },
  };
}

function checkTemplate(template: string): void {
  const unknown = /\{(?!(?:date|host)\})[^}]*\}?/.exec(template);
  if (unknown) throw badArgs(`--name-template: ${unknown[0]} is not known; use {date} and {host}`);
  if (template.split("{date}").length !== 2) throw badArgs("--name-template needs {date} once");
  if (/[\\/]/.test(template)) {
    throw badArgs("--name-template is a name without a directory; the directory is the argument");
  }
}

/** `20261127T201625Z`: sorts by time, and every file system takes it. */
function dateText(nowMs: number): string {
  return `${new Date(nowMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}Z`;
}

function filled(template: string, date: string): string {
  return template.replaceAll("{host}", hostname()).replace("{date}", date);
}

function madeBy(template: string): (name: string) => boolean {
  const [before = "", after = ""] = filled(template, "{date}").split("{date}");
  return (name) =>
    name.startsWith(before) &&
    name.endsWith(after) &&
    /^\d{8}T\d{6}Z$/.test(name.slice(before.length, name.length - after.length));
}

/** Removes what is more than `keep` files of the series, oldest first, and never the new one. Returns the names. */
export async function removeOlder({ series }: SaveTarget, keep: number): Promise<readonly string[]> {
  if (series === undefined || keep === 0) return [];
  const { folder, name, isMade } = series;
  const entries = await withPath("open", folder, readdir(folder, { withFileTypes: true }));
  const others = entries
    .filter((entry) => entry.isFile() && entry.name !== name && isMade(entry.name))
    .map((entry) => entry.name)
    .sort();
  const removed = others.slice(0, Math.max(0, others.length - (keep - 1)));
  for (const each of removed) {
    const path = join(folder, each);
    await withPath("remove", path, rm(path, { force: true }));
  }
  return removed;
}
