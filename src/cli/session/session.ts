// What the command lines of one `batch` or `shell` share: clients with open connections, and the global flags of the command
// line that started it.
import type { EtcdClient } from "../../client/client";
import type { Io } from "../../io";
import { globalFlags } from "../global-flags";
import type { Program } from "../manifest/builders";
import { withFoundProfile } from "../profiles/find-profile";
import { credentialsOf, resolveSettings, type GlobalValues, type Settings } from "../settings";

/** Global flags that were typed. */
export interface GivenFlags {
  readonly values: Readonly<Record<string, unknown>>;
  readonly given: ReadonlySet<string>;
}

/** Runs one command line of a session. Rejects as `run` of cli/run.ts does. */
export type RunLine = (
  program: Program,
  argv: readonly string[],
  io: Io,
  session: Session,
) => Promise<number>;

export interface Session {
  readonly program: Program;
  /** Runs a command line of this session. Resolves to its exit code; rejects with its error. */
  readonly run: (argv: readonly string[], io: Io) => Promise<number>;
  /** They count for every line that does not set the same flag. */
  readonly flags: GivenFlags;
  /** The settings of a line that sets no global flag. */
  readonly settings: Settings;
  readonly clients: SharedClients;
}

/** Lines whose connection settings are equal use one client. It stays open until the session ends. */
export class SharedClients {
  private readonly opened = new Map<string, Promise<EtcdClient>>();

  /** `signal` ends the connections; the Ctrl-C of one command must not. */
  constructor(readonly signal: AbortSignal) {}

  /** Opens the client of these settings, or returns the open one. What could not be opened is tried again. */
  open(settings: unknown, open: () => Promise<EtcdClient>): Promise<EtcdClient> {
    const name = JSON.stringify(settings);
    const known = this.opened.get(name);
    if (known !== undefined) return known;
    const opening = open();
    this.opened.set(name, opening);
    opening.catch(() => this.opened.delete(name));
    return opening;
  }

  async close(): Promise<void> {
    const opened = [...this.opened.values()];
    this.opened.clear();
    await Promise.allSettled(opened.map(async (each) => (await each).close()));
  }
}

/** Flags of which one replaces all others of its group. */
const groups = [
  ["endpoints", "discovery-srv", "offline"],
  ["user", "password", "password-file", "auth-jwt-token"],
];

/** The settings of a line: its global flags, with those of the session that it does not replace. */
export function lineSettings(line: GivenFlags, session: Session, io: Io): Settings {
  const typed = globalOnly(line).given;
  if (typed.size === 0) return session.settings;
  const replaced = groups.filter((group) => group.some((name) => typed.has(name))).flat();
  const inherited = [...session.flags.given].filter((name) => !typed.has(name) && !replaced.includes(name));
  const values = Object.fromEntries(inherited.map((name) => [name, session.flags.values[name]]));
  return settingsOf({ values: { ...line.values, ...values }, given: new Set([...typed, ...inherited]) }, io);
}

function settingsOf({ values, given }: GivenFlags, { env }: Io): Settings {
  return resolveSettings(values as unknown as GlobalValues, given, env);
}

/**
 * A session with the flags of the command line that starts it. A missing password is asked for once, here. `signal` ends
 * the connections. Throws CliError for settings that no line could use.
 */
export async function startSession(
  program: Program,
  typed: GivenFlags,
  io: Io,
  runLine: RunLine,
  signal = io.interrupt,
): Promise<Session> {
  const flags = globalOnly(typed);
  const asked = await withFoundProfile(settingsOf(flags, io), io);
  const credentials = asked.user === "" ? undefined : await credentialsOf(asked, io);
  const complete = credentials && "user" in credentials ? withPassword(flags, credentials) : flags;
  const session: Session = {
    program,
    run: (argv, lineIo) => runLine(program, argv, lineIo, session),
    flags: complete,
    settings: await withFoundProfile(settingsOf(complete, io), io),
    clients: new SharedClients(signal),
  };
  return session;
}

/** Without the flags of `batch` and `shell` themselves. */
function globalOnly({ values, given }: GivenFlags): GivenFlags {
  return { values, given: new Set([...given].filter((name) => Object.hasOwn(globalFlags, name))) };
}

function withPassword(
  { values, given }: GivenFlags,
  { user, password }: { readonly user: string; readonly password: string },
): GivenFlags {
  return {
    values: { ...values, user, password, "password-file": "" },
    given: new Set([...given, "user", "password", "password-file"]),
  };
}
