// The values of the global flags: from the command line, else from the ETCDCTL_ variable, else the default. As in Go, a variable
// with an invalid value counts as not set. Go: pkg/flags/flag.go, etcdctl/ctlv3/command/global.go
import { platform } from "node:process";
import { badArgs } from "../errors";
import { ParseError } from "../go/strconv";
import type { Io } from "../io";
import { offlinePath } from "../offline/offline-flag";
import type { CompatVersion } from "../output/printer";
import type { Credentials } from "../transport/transport";
import type { Flag, FlagValues } from "../input/flags";
import { parseFlagValue } from "../input/flags";
import { globalFlags } from "./global-flags";

export type GlobalValues = FlagValues<typeof globalFlags>;

export interface Settings extends GlobalValues {
  readonly compat: CompatVersion;
  /** Names of the flags that were set on the command line or by an environment variable. */
  readonly given: ReadonlySet<string>;
  /** Names of the flags that were set on the command line. */
  readonly typed: ReadonlySet<string>;
  /** Whether a profile was looked for (profiles/find-profile.ts). Its values count as given, not as typed. */
  readonly hasProfile?: boolean;
  /** From the profile: a command that prints the password. */
  readonly passwordCommand?: string;
  /** From the profile: del asks before it deletes a range. */
  readonly confirm?: boolean;
}

/** Throws CliError for an unknown ETCDCTL_API or --compat. `values` may contain the flags of a command, too. */
export function resolveSettings(values: GlobalValues, given: ReadonlySet<string>, env: Io["env"]): Settings {
  checkApiVersion(env["ETCDCTL_API"]);
  const settings: Record<string, unknown> = {};
  const chosen = new Set(given);
  for (const [name, flag] of Object.entries(globalFlags)) {
    const fromEnv = given.has(name) ? undefined : valueFromEnv(name, flag, env);
    settings[name] = fromEnv ?? values[name as keyof GlobalValues];
    if (fromEnv !== undefined) chosen.add(name);
  }
  const { compat, ...others } = settings as unknown as GlobalValues;
  const resolved = { ...others, compat: compatVersion(compat), given: chosen, typed: given };
  checkOneSource(resolved);
  return resolved;
}

/** Endpoints from the environment may be set in advance; typed ones are meant, and so is --offline. */
function checkOneSource({ offline, typed }: Settings): void {
  if (offlinePath(offline) === undefined) return;
  const other = ["endpoints", "discovery-srv"].find((name) => typed.has(name));
  if (other === undefined) return;
  const source = typed.has("offline") ? "--offline" : variableOf("offline");
  throw badArgs(`${source} and --${other} cannot be set at the same time, choose one`);
}

export function variableOf(flagName: string): string {
  return `ETCDCTL_${flagName.toUpperCase().replaceAll("-", "_")}`;
}

/** Environment variables that are not for a global flag. */
const commandVariables = [
  "ETCDCTL_API",
  "ETCDCTL_COMPLETE_KEYS",
  "ETCDCTL_CONFIRM",
  "ETCDCTL_HOST_ROOT",
  "ETCDCTL_TRANSPORT",
  "ETCDCTL_WATCH_KEY",
  "ETCDCTL_WATCH_RANGE_END",
];

/** The user's file of profiles; undefined without a home directory. */
export function profilesFile(env: Io["env"]): string | undefined {
  const { HOME: home, XDG_CONFIG_HOME: config } = env;
  const inHome = home && `${home}/.config`;
  const folder = platform === "win32" ? env["APPDATA"] : config?.startsWith("/") ? config : inHome;
  return folder && `${folder}/etcdctl/profiles.yaml`;
}

/** For --debug: every setting as its variable, without secrets, and the ETCDCTL_ variables that have no meaning. */
export function settingsReport(settings: Settings, env: Io["env"]): string[] {
  const names = Object.keys(globalFlags).sort();
  const known = new Set([...commandVariables, ...names.map(variableOf)]);
  const unknown = Object.keys(env).filter((name) => name.startsWith("ETCDCTL_") && !known.has(name));
  return [
    ...names.map((name) => `${variableOf(name)}=${shown(name, settings[name as keyof GlobalValues])}`),
    ...unknown.map((name) => `${name} is not a variable of etcdctl`),
  ];
}

function shown(name: string, value: unknown): string {
  const text = String(value);
  if (name === "user") return text.replace(/:.*/s, ":***");
  const isSecret = name === "password" || name === "auth-jwt-token";
  if (isSecret && text !== "") return "***";
  return globalFlags[name as keyof GlobalValues].kind === "duration" ? `${text}ms` : text;
}

function valueFromEnv(name: string, flag: Flag, env: Io["env"]): unknown {
  const text = env[variableOf(name)];
  if (text === undefined || text === "") return undefined;
  try {
    return parseFlagValue(flag, text);
  } catch (error) {
    if (error instanceof ParseError) return undefined;
    throw error;
  }
}

/** With 2, cli/main.ts has started version 2, except for `version`. */
function checkApiVersion(version = ""): void {
  if (["", "2", "3"].includes(version)) return;
  throw badArgs(`ETCDCTL_API=${version}: the API has no such version`, {
    hints: ["unset ETCDCTL_API, or set it to 3, or to 2 for the commands of version 2"],
  });
}

function compatVersion(text: string): CompatVersion {
  if (text === "3.5" || text === "3.7") return text;
  throw badArgs(`invalid value "${text}" for --compat, choose 3.5 or 3.7`);
}

/**
 * The user or the token that the flags name; undefined without either. --password-file is a departure from etcd: of
 * --password and --password-file the one on the command line beats the environment variable; both at one level are an error.
 * Go: etcdctl/ctlv3/command/global.go (authCfgFromCmd).
 */
export async function credentialsOf(settings: Settings, io: Io): Promise<Credentials | undefined> {
  const { user } = settings;
  if (settings["auth-jwt-token"] !== "") return { token: settings["auth-jwt-token"] };
  if (user === "") {
    if (settings.typed.has("password-file")) throw badArgs("--password-file needs the name of a --user");
    return undefined;
  }
  if (offlinePath(settings.offline) !== undefined) return undefined;
  const password = await passwordFromFlags(settings, io);
  if (password !== "") return { user, password };
  const { splitUser } = await import("../input/password");
  return splitUser(user, () => io.readPassword("Password: "));
}

/** Without a password the client does not log in, as in Go, and a server that requires a login says "user name is empty". */
export function missingPasswordHints(
  { user: typed }: Settings,
  credentials: Credentials | undefined,
  { stdin }: Io,
): string[] {
  if (credentials === undefined || !("user" in credentials) || credentials.password !== "") return [];
  const { user } = credentials;
  const isAsked = !typed.includes(":");
  const reason = isAsked ? "standard input ended, or its first line is empty" : "nothing follows the colon";
  const why = isAsked && stdin.isTTY ? "" : ` (${reason})`;
  return [
    `no password was given for user ${user}${why}: use --password-file FILE, --user ${user}:PASSWORD or ETCDCTL_PASSWORD`,
  ];
}

/** From --password, --password-file or the profile's command; empty without them. */
async function passwordFromFlags(settings: Settings, io: Io): Promise<string> {
  const { password, "password-file": file, user, typed, passwordCommand } = settings;
  if (file === "" && password === "" && passwordCommand !== undefined) {
    const { passwordFromCommand } = await import("../input/password");
    return passwordFromCommand(passwordCommand, io);
  }
  if (file === "") return password;
  const isFileTyped = typed.has("password-file");
  if (password !== "" && isFileTyped === typed.has("password")) {
    throw badArgs("--password and --password-file cannot be set at the same time, choose one");
  }
  if (password !== "" && !isFileTyped) return password;
  if (user.includes(":")) {
    throw badArgs("--user has a password after its colon, and --password-file is set too");
  }
  const { readPasswordFile } = await import("../input/password");
  return readPasswordFile(file, io);
}
