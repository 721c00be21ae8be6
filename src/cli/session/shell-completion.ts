// Completion at the prompt of `etcdctl shell`: the words before the cursor go to cli/completion/, and its candidates come
// back as the rest of the line. Keys and other names come from the cluster of the shell.
import { readdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { rawBytes } from "../../go/raw-text";
import type { Io, LineCompletion } from "../../io";
import { complete } from "../completion/complete";
import { wordsOf } from "./command-lines";
import type { Session } from "./session";

const nothing: LineCompletion = { replaced: "", texts: [] };

/** `line` is what stands before the cursor. */
export async function completeLine(line: string, session: Session, io: Io): Promise<LineCompletion> {
  const replaced = /(?:[^ \t\\]|\\.)*$/.exec(line)?.[0] ?? "";
  if (/['"]/.test(replaced) || /\\$/.test(line)) return nothing;
  const before = wordsOf(binary(line.slice(0, line.length - replaced.length))).map(text);
  const typed = replaced.replaceAll(/\\(.)/g, "$1");
  const words = before[0] === session.program.root.name ? before.slice(1) : before;
  const env = { ...io.env, ETCDCTL_COMPLETE_KEYS: "1" };
  const { candidates, paths } = await complete(session.program, [...words, typed], { ...io, env }, session);
  const texts = candidates.map(({ text: candidate, isOpen }) => escaped(candidate) + (isOpen ? "" : " "));
  const files = paths === "none" ? [] : await filesLike(typed, io.cwd, paths === "directories");
  return { replaced, texts: [...texts, ...files] };
}

function binary(line: string): string {
  return rawBytes(line).toString("latin1");
}

function text(word: string): string {
  return Buffer.from(word, "latin1").toString();
}

function escaped(candidate: string): string {
  return candidate.replaceAll(/[\s'"\\]/g, "\\$&").replace(/^#/, "\\#");
}

async function filesLike(typed: string, cwd: string, onlyDirectories: boolean): Promise<string[]> {
  const folder = typed.endsWith("/") ? typed : dirname(typed);
  const entries = await readdir(resolve(cwd, folder), { withFileTypes: true }).catch(() => []);
  const prefix = folder === "." && !typed.startsWith("./") ? "" : folder === "." ? "./" : join(folder, "/");
  return entries
    .filter((entry) => entry.isDirectory() || !onlyDirectories)
    .map((entry) => ({ path: prefix + entry.name, isFolder: entry.isDirectory() }))
    .filter(({ path }) => path.startsWith(typed))
    .map(({ path, isFolder }) => escaped(path) + (isFolder ? "/" : " "));
}
