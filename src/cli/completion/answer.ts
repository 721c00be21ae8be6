// `__complete WORDS…`, which the shells' scripts call: a line for each candidate, a tab before its description, and in the
// last line a number that tells the shell what to do with them. The numbers are those of cobra, whose scripts work too.
import type { Io } from "../../io";
import { complete, type Candidate, type CompletedProgram, type Completion } from "./complete";

const directives = { noSpace: 2, noFiles: 4, onlyDirectories: 16 };

export async function answerCompletion(
  program: CompletedProgram,
  words: readonly string[],
  io: Io,
): Promise<number> {
  let completion: Completion;
  try {
    completion = await complete(program, words.map(unquotedEmpty));
  } catch {
    // A line that cannot be read, a server that is not there: nothing to offer, and nothing to say between keystrokes.
    completion = { candidates: [], paths: "none" };
  }
  const lines = completion.candidates.filter(({ text }) => isShowable(text)).map(lineOf);
  await io.stdout.write([...lines, `:${directiveOf(completion)}`, ""].join("\n"));
  return 0;
}

/** PowerShell drops empty arguments, so its script spells one out. */
function unquotedEmpty(word: string): string {
  return word === '""' ? "" : word;
}

function lineOf({ text, about }: Candidate): string {
  return about ? `${text}\t${about.replaceAll(/\s+/g, " ")}` : text;
}

/** Keys may be any bytes; what a line cannot hold is not offered. */
function isShowable(text: string): boolean {
  return !/[\p{Cc}\ufffd]/u.test(text);
}

function directiveOf({ candidates, paths }: Completion): number {
  const isOpen = candidates.some((each) => each.isOpen);
  const aboutFiles = { files: 0, directories: directives.onlyDirectories, none: directives.noFiles };
  return aboutFiles[paths] + (isOpen ? directives.noSpace : 0);
}
