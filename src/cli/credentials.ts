// Who to log in as: a token, or a user whose password comes with the name, from --password, from a file, or from a prompt.
// Of --password and --password-file the one on the command line beats the variable; two on one level are for the user
// to choose between. Answers to authCfgFromCmd in etcdctl's command/global.go; --password-file is a departure.
import { CliError, ExitCode } from "../errors";
import type { Io } from "../io";
import type { Credentials } from "../transport/options";
import { offlinePath, type Settings } from "./settings";

export async function credentialsOf(settings: Settings, io: Io): Promise<Credentials | undefined> {
  const { user } = settings;
  if (settings["auth-jwt-token"] !== "") return { token: settings["auth-jwt-token"] };
  if (user === "") return nobody(settings);
  if (offlinePath(settings.offline) !== undefined) return undefined;
  const password = await givenPassword(settings, io);
  if (password !== "") return { user, password };
  const colon = user.indexOf(":");
  if (colon >= 0) return { user: user.slice(0, colon), password: user.slice(colon + 1) };
  return { user, password: await io.readPassword("Password: ") };
}

function nobody({ typed }: Settings): undefined {
  if (typed.has("password-file")) throw badPasswordFile("--password-file needs the name of a --user");
}

/** Empty when it is to be found elsewhere. */
async function givenPassword(settings: Settings, io: Io): Promise<string> {
  const { password, "password-file": file, user, typed } = settings;
  if (file === "") return password;
  const isFileTyped = typed.has("password-file");
  if (password !== "" && isFileTyped === typed.has("password")) {
    throw badPasswordFile("--password and --password-file cannot be set at the same time, choose one");
  }
  if (password !== "" && !isFileTyped) return password;
  if (user.includes(":"))
    throw badPasswordFile("--user has a password after its colon, and --password-file is set too");
  const { readSecretFile } = await import("../commands/secret-file");
  return readSecretFile(file, io);
}

function badPasswordFile(message: string): CliError {
  return new CliError(ExitCode.badArgs, message);
}
