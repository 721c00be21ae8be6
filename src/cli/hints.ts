// `hint: …` lines on stderr: what helps the user on, never part of the contract with scripts. Dim on a terminal.
import type { Io } from "../io";
import { paletteFor } from "./terminal";

export async function writeHints(hints: readonly string[], io: Io): Promise<void> {
  if (hints.length === 0) return;
  const { hint } = await paletteFor(io.stderr, io.env);
  await io.stderr.write(hints.map((line) => `${hint(`hint: ${line}`)}\n`).join(""));
}
