// Names and passwords: `name:password`, or a question. Answers to ctlv2's getUsernamePassword.
import type { Io } from "../io";

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** Undefined for an empty text. */
export async function splitCredentials(
  io: Io,
  prompt: string,
  typed: string,
): Promise<Credentials | undefined> {
  if (typed === "") return undefined;
  const colon = typed.indexOf(":");
  if (colon < 0) return { user: typed, password: await askPassword(io, prompt) };
  return { user: typed.slice(0, colon), password: typed.slice(colon + 1) };
}

export async function askPassword(io: Io, prompt: string): Promise<string> {
  return (await io.readPassword(prompt)).trim();
}
