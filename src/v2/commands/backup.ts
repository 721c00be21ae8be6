// backup: copies a data directory of etcd 3.4 or older, as the beginning of a cluster of its own.
// Answers to ctlv2/command/backup_command.go; what it tells and how it fails goes to stderr with the time, as Go's log does.
import { CliError } from "../../errors";
import type { Io } from "../../io";
import { defineCommand, ExitCode } from "../command";

export const command = defineCommand({
  flags: {
    "data-dir": { kind: "string", about: "the data directory of the member" },
    "wal-dir": { kind: "string", about: "where its write-ahead log is, if elsewhere" },
    "backup-dir": { kind: "string", about: "the directory to make" },
    "backup-wal-dir": { kind: "string", about: "where to put the write-ahead log, if elsewhere" },
    "with-v3": { kind: "bool", about: "with the keys of version 3" },
  },
  instead: () => "snapshot save FILE",
  async run({ io }, _, flags) {
    const { backUp } = await import("../backup");
    try {
      await backUp({
        dataDir: flags["data-dir"],
        walDir: flags["wal-dir"],
        backupDir: flags["backup-dir"],
        backupWalDir: flags["backup-wal-dir"],
        withV3: flags["with-v3"],
        io,
        log: (line) => io.stderr.write(`${stamp(io)} I | ${line}\n`),
      });
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      const { message, hints } = error;
      throw new CliError(ExitCode.badArgs, `${stamp(io)} I | ${message}`, { cause: error, hints });
    }
  },
});

/** `2026-11-21 10:34:13.354000`, in local time. */
function stamp({ clock }: Io): string {
  const now = new Date(clock.now());
  const local = new Date(now.getTime() - now.getTimezoneOffset() * 60_000);
  return `${local.toISOString().replace("T", " ").replace("Z", "")}000`;
}
