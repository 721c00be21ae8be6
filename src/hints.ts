// The lines that we add to Go's output on stderr. They begin with `hint: `, so that a script can ignore them, and are dim on a
// terminal. Every hint takes this way.
import { oneSafeLine } from "./go/raw-text";
import type { Io, OutputStream } from "./io";

/** NO_COLOR and TERM=dumb switch colours off. */
export function hasColor(stream: OutputStream, env: Io["env"]): boolean {
  return stream.isTTY && !env["NO_COLOR"] && env["TERM"] !== "dumb";
}

/** The lines of these hints on stderr. A hint may quote a server, so it is escaped. */
export function hintLines(hints: readonly string[], { stderr, env }: Pick<Io, "stderr" | "env">): string {
  const [begin, end] = hints.length > 0 && hasColor(stderr, env) ? dim : ["", ""];
  return hints.map((hint) => `${begin}hint: ${oneSafeLine(hint)}${end}\n`).join("");
}

export async function writeHints(hints: readonly string[], io: Pick<Io, "stderr" | "env">): Promise<void> {
  if (hints.length > 0) await io.stderr.write(hintLines(hints, io));
}

/** The codes of a terminal (ECMA-48): faint, normal intensity. */
const dim = ["\u001b[2m", "\u001b[22m"] as const;
