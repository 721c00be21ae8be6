// Selects the cases to replay: by name, by recorded version, and without those that a server is known to fail. Text files list
// the excluded cases with their reasons.
import { readFileSync } from "node:fs";
import path from "node:path";
import { selector, type Case } from "./case";

/** The version whose cases a program without VERSION replays. */
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

/** Reads globs, one in each line. The reason follows a #. */
export function skipFile(file: string): string[] {
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.map((line) => line.replace(/#.*/, "").trim()).filter((line) => line !== "");
}

const list = (name: string) => skipFile(path.resolve("test/conformance", name));

/** Cases that real etcdctl 3.7 fails against a 3.5 server. */
export const needs37Server = () => list("needs-3.7-server.txt");

/** Cases of features that the embedded server does not have. */
export const notEmbedded = () => list("not-embedded.txt");

/** Cases of etcdctl 3.4 that our client passes only in part. */
export const notOurVersion2 = () => list("not-our-v2.txt");

/** Programs by the version of the cases they replay. */
export class ByVersion {
  private readonly commands = new Map<string, readonly string[]>();

  /** Adds `[VERSION=]COMMAND`, a command with its arguments, separated by blanks. `names` are short names of commands. */
  add(option: string, names: Readonly<Record<string, readonly string[]>>): void {
    const [, version = MAIN_VERSION, command = ""] = /^(?:(\d+\.\d+)(?:\.\d+)?=)?(.*)$/s.exec(option) ?? [];
    this.commands.set(version, names[command] ?? command.split(" "));
  }

  /** The program for the recorded version of a case, such as `3.7.1`. */
  of(version: string): readonly string[] | undefined {
    return this.commands.get(version.split(".").slice(0, 2).join("."));
  }
}
