// The history of `etcdctl shell`: a file with a line for each command, readable only by its owner, without lines that hold a
// password or a token.
import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import type { Io } from "../../io";
import { homeDirectory } from "../../storage/home-directory";

const keptLines = 1000;
/** A longer file is shortened when a shell starts. */
const longestFile = 2 * keptLines;

const secret =
  /--?password(?!-file)|--?new-user-password|--?user[= ]\s*\S*:|--?auth-jwt-token|\buser\s+(?:add|passwd)\b|--?dest-password|--?dest-user[= ]\s*\S*:/;

export class History {
  /** Undefined for a user without a home directory. */
  private readonly file: string | undefined;

  constructor(env: Io["env"]) {
    const { XDG_STATE_HOME: state = "" } = env;
    const home = homeDirectory(env);
    const folder = isAbsolute(state) ? state : home && join(home, ".local", "state");
    this.file = folder && join(folder, "etcdctl", "history");
  }

  /** The lines, oldest first; none when there is no readable file. */
  async load(): Promise<readonly string[]> {
    if (this.file === undefined) return [];
    try {
      const lines = (await readFile(this.file, "utf8")).split("\n").filter((line) => line !== "");
      const kept = lines.slice(-keptLines);
      if (lines.length > longestFile) await writeFile(this.file, `${kept.join("\n")}\n`, { mode: 0o600 });
      return kept;
    } catch {
      return [];
    }
  }

  /** A history that cannot be written must not disturb the commands. */
  async add(line: string): Promise<void> {
    if (this.file === undefined || !this.mayKeep(line)) return;
    try {
      await mkdir(dirname(this.file), { recursive: true, mode: 0o700 });
      await appendFile(this.file, `${line}\n`, { mode: 0o600 });
    } catch {
      // As above.
    }
  }

  mayKeep(line: string): boolean {
    return !secret.test(line) && !line.startsWith(" ");
  }
}
