// Which recorded cases apply: by their name, by the versions that were recorded, and by what a server can answer.
// The lists of cases that are left out are files, each with its reasons, which any replay of the cases can read.
import { readFileSync } from "node:fs";
import path from "node:path";
import { selector, type Case } from "./case";

/** The version (`3.7`) of the cases that programs without one are for. */
export const MAIN_VERSION = "3.7";

export interface Selection {
  readonly only: readonly string[];
  readonly skip: readonly string[];
  readonly maxMembers: number;
}

export function select(cases: readonly Case[], { only, skip, maxMembers }: Selection): Case[] {
  const chosen = selector(only.length > 0 ? only : ["*"]);
  const left = selector(skip);
  return cases.filter(
    (recorded) => chosen(recorded) && !left(recorded) && (recorded.topology.members ?? 1) <= maxMembers,
  );
}

/** Globs, one a line; what follows a # is why. */
export function skipFile(file: string): string[] {
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.map((line) => line.replace(/#.*/, "").trim()).filter((line) => line !== "");
}

const list = (name: string) => skipFile(path.resolve("test/conformance", name));

/** Even real etcdctl 3.7 does not pass these against a 3.5 server, the newest that is packaged. */
export const needs37Server = () => list("needs-3.7-server.txt");

/** What the embedded server does not have. */
export const notEmbedded = () => list("not-embedded.txt");

/** Programs by the version of the cases they are for. */
export class ByVersion {
  private readonly commands = new Map<string, readonly string[]>();

  /** `[VERSION=]COMMAND`, the command's words separated by blanks. `names` are words that stand for commands. */
  add(option: string, names: Readonly<Record<string, readonly string[]>>): void {
    const [, version = MAIN_VERSION, command = ""] = /^(?:(\d+\.\d+)(?:\.\d+)?=)?(.*)$/s.exec(option) ?? [];
    this.commands.set(version, names[command] ?? command.split(" "));
  }

  /** Of a case's version, `3.7.1`. */
  of(version: string): readonly string[] | undefined {
    return this.commands.get(version.split(".").slice(0, 2).join("."));
  }
}
