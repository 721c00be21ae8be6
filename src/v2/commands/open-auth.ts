// What user, role and auth share: the client, and the one name that they are about.
import { AuthApi } from "../api/auth";
import { badArgsPlainly, type CommandContext } from "../command";

export async function openAuth(context: CommandContext): Promise<AuthApi> {
  const client = await context.client();
  if (context.settings.debug) {
    await context.io.stderr.write(`Cluster-Endpoints: ${client.endpoints.join(", ")}\n`);
  }
  return new AuthApi(client);
}

export function onlyName(args: readonly string[], what: string): string {
  const [name] = args;
  if (args.length !== 1 || name === undefined) throw badArgsPlainly(`Please provide a ${what}`);
  return name;
}

export function noArguments(args: readonly string[]): void {
  if (args.length > 0) throw badArgsPlainly("No arguments accepted");
}
