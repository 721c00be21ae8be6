// What the commands on keys share: their arguments, one request in time, the printed response, words for a shell.
import { readAll } from "../read-all";
import { KeysApi, type KeyResponse } from "../api/keys";
import { badArgs, type CommandContext } from "../command";
import { printResponse } from "../print";

/** The client is made first: with a dead cluster nobody hears of missing arguments, as in Go. */
export async function openKeys(context: CommandContext): Promise<KeysApi> {
  return new KeysApi(await context.client());
}

export function keyOf(args: readonly string[]): string {
  const [key] = args;
  if (key === undefined) throw badArgs("key required");
  return key;
}

/** The second argument, else all of standard input. */
export async function valueOf(
  context: CommandContext,
  args: readonly string[],
): Promise<string | Uint8Array> {
  if (args[1] !== undefined) return args[1];
  const input = await readAll(context.io.stdin);
  if (input.length === 0) throw badArgs("value required");
  return input;
}

/** Directories are not shown in simple output. */
export async function printUnlessPlainDir(context: CommandContext, response: KeyResponse): Promise<void> {
  if (context.settings.output !== "simple" || !response.node.dir) await printResponse(context, response);
}

/** A word as a shell needs it; a placeholder where it was not given. */
export function shown(word: string | undefined, placeholder: string): string {
  if (word === undefined) return placeholder;
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
