// Where `user add` and `user passwd` get a new password from: a file, a prompt that asks twice, or the first word of a line of
// stdin. Asked for before anything is dialled, as in Go.
// Answers to readPasswordInteractive and to Scanf's "%s" in etcdctl's user_command.go.
import type { Io } from "../../io";
import type { FlagTable, FlagValues } from "../flags";
import { badArgs } from "../key-range";
import { readSecretFile } from "../secret-file";
import { Lines, textOf } from "../txn-input/lines";

export const newPasswordFlags = {
  interactive: {
    kind: "bool",
    default: true,
    usage: "ask for the password twice; with =false take it from a line of stdin",
  },
  "new-user-password-file": { kind: "string", default: "", usage: "file with the new password" },
} as const satisfies FlagTable;

export async function readNewPassword(
  io: Io,
  user: string,
  flags: FlagValues<typeof newPasswordFlags>,
): Promise<string> {
  const file = flags["new-user-password-file"];
  if (file !== "") return readSecretFile(file, io);
  return flags.interactive ? askTwice(io, user) : firstWord(io);
}

async function askTwice(io: Io, user: string): Promise<string> {
  const password = await io.readPassword(`Password of ${user}: `);
  if (password === "") throw badArgs("empty password");
  const again = await io.readPassword(`Type password of ${user} again for confirmation: `);
  if (password !== again) throw badArgs("given passwords are different");
  return password;
}

/** What Go takes for a blank. */
const blank = "[\\t\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
const word = new RegExp(`^${blank}*((?:(?!${blank}).)*)`, "su");

async function firstWord({ stdin }: Io): Promise<string> {
  const line = (await new Lines(stdin.chunks()).next()) ?? "";
  return word.exec(textOf(line))?.[1] ?? "";
}
