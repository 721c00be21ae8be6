// The history of `etcdctl shell`: a file with a line for each command, readable only by its owner, without lines that hold a
// password or a token.
import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import type { Io } from "../../io";

const keptLines = 1000;
/** A longer file is shortened when a shell starts. */
const longestFile = 2 * keptLines;

const secret =
  /--?password(?!-file)|--?new-user-password|--?user[= ]\s*\S*:|--?auth-jwt-token|\buser\s+(?:add|passwd)\b|--?dest-password|--?dest-user[= ]\s*\S*:/;

export class History {
  private readonly file: string;

  constructor(env: Io["env"]) {
    const state = env["XDG_STATE_HOME"];
    const home = env["HOME"] ?? homedir();
    const folder = state !== undefined && isAbsolute(state) ? state : join(home, ".local", "state");
    this.file = join(folder, "etcdctl", "history");
  }

  /** The lines, oldest first; none when there is no readable file. */
  async load(): Promise<readonly string[]> {
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
    if (!this.mayKeep(line)) return;
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
