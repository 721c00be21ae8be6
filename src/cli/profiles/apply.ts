// Puts the values of a profile in the place of defaults. A flag and a variable win over the profile.
import { badArgs, type CliError } from "../../errors";
import type { Io } from "../../io";
import { globalFlags } from "../global-flags";
import type { Settings } from "../settings";
import { builtInNames, builtInProfile } from "./built-in";
import type { ProfileValues } from "./profile";
import { ProfileFile } from "./profile-file";

/** The settings with the profile that they or the user's file name. */
export function withProfile(settings: Settings, io: Pick<Io, "env">): Settings {
  const file = ProfileFile.read(io.env);
  const name = settings.profile === "" ? file.current : settings.profile;
  if (name === undefined) return { ...settings, hasProfile: true };
  return applied(settings, findProfile(name, file, io.env));
}

/** The profiles of the user, and the built-in ones that this host has. */
export function profileNames(env: Io["env"]): readonly string[] {
  const builtIn = builtInNames.filter((name) => builtInProfile(name, env) !== undefined);
  return [...new Set([...ProfileFile.read(env).names, ...builtIn])];
}

/**
 * The settings for the cluster of a profile, beside the one that the flags name: of the given settings they have only what says
 * nothing about the cluster. Undefined if there is no such profile.
 */
export function settingsOfProfile(
  name: string,
  settings: Settings,
  io: Pick<Io, "env">,
): Settings | undefined {
  const file = ProfileFile.read(io.env);
  if (!file.names.includes(name) && !builtInNames.includes(name)) return undefined;
  const isOfCluster = (flag: string): boolean => clusterFields.has(flag);
  const defaults = Object.entries(globalFlags).filter(([flag]) => isOfCluster(flag));
  const plain: unknown = {
    ...omit(settings, ["passwordCommand", "confirm"]),
    ...Object.fromEntries(defaults.map(([flag, { default: value }]) => [flag, value])),
    given: new Set([...settings.given].filter((flag) => !isOfCluster(flag))),
    typed: new Set([...settings.typed].filter((flag) => !isOfCluster(flag))),
  };
  return applied(plain as Settings, findProfile(name, file, io.env));
}

function omit(settings: Settings, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !names.includes(name)));
}

/** The global flags that say which cluster, and how to reach it. */
const clusterFields: ReadonlySet<string> = new Set([
  ...["offline", "profile", "endpoints", "discovery-srv", "discovery-srv-name", "cacert", "cert", "key"],
  ...["user", "password", "password-file", "auth-jwt-token"],
  ...["insecure-discovery", "insecure-transport", "insecure-skip-tls-verify"],
]);

/** A profile of the user wins over a built-in one. Throws CliError if there is none, or if this host lacks its files. */
export function findProfile(name: string, file: ProfileFile, env: Io["env"]): ProfileValues {
  const found = file.find(name) ?? builtInProfile(name, env);
  if (found !== undefined) return found;
  if (builtInNames.includes(name)) {
    throw badArgs(
      `profile ${name} is built in, but this host has no certificates of ${name} that you can read`,
      {
        hints: [
          "most hosts show them only to root: sudo etcdctl",
          "where the host's files are mounted elsewhere, set ETCDCTL_HOST_ROOT to that directory",
        ],
      },
    );
  }
  throw noProfile(name, file);
}

export function noProfile(name: string, file: ProfileFile): CliError {
  return badArgs(`there is no profile ${name}`, {
    hints: [`etcdctl profile list shows the profiles: ${[...file.names, ...builtInNames].join(", ")}`],
  });
}

/** Fields that lose their meaning when one of these flags is given. */
const replacedBy: readonly (readonly [given: readonly string[], fields: readonly string[]])[] = [
  [
    ["endpoints", "discovery-srv", "offline"],
    ["endpoints", "discovery-srv", "discovery-srv-name"],
  ],
  [
    ["cert", "key"],
    ["cert", "key"],
  ],
  [
    ["user", "auth-jwt-token"],
    ["user", "password-file", "password-command"],
  ],
  [
    ["password", "password-file"],
    ["password-file", "password-command"],
  ],
];

function applied(settings: Settings, profile: ProfileValues): Settings {
  const { given } = settings;
  const replaced = replacedBy
    .filter(([names]) => names.some((name) => given.has(name)))
    .flatMap(([, fields]) => fields);
  const left = Object.entries(profile).filter(([name]) => !given.has(name) && !replaced.includes(name));
  const { "password-command": passwordCommand, confirm, ...values } = Object.fromEntries(left);
  return {
    ...settings,
    ...values,
    given: new Set([...given, ...Object.keys(values)]),
    hasProfile: true,
    ...(typeof passwordCommand === "string" && passwordCommand !== "" && { passwordCommand }),
    ...(confirm === true && { confirm }),
  };
}
