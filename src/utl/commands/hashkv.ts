// `etcdutl hashkv FILE`. Answers to etcdutl's hashkv_command.go.
import { defineCommand } from "../../commands/command";
import { checkExists, filePath, openDatabase, waitUntilUnlocked } from "../database-file";
import { utlFlags } from "../flags";
import { hashKv } from "../hashkv";
import { answerPrinter } from "../print";

export const command = defineCommand({
  exactArgs: 1,
  flags: {
    rev: { kind: "int64", default: 0n, usage: "the last revision to hash; the newest if not given" },
    ...utlFlags,
  },
  async run({ io }, [name = ""], flags) {
    const print = answerPrinter(flags["write-out"]);
    const file = filePath(name, io);
    checkExists(file);
    await waitUntilUnlocked(file, { timeoutMs: flags.timeout, io });
    openDatabase(file).close();
    const { hash, revision, compactRevision } = hashKv(file.path, Number(flags.rev));
    await io.stdout.write(
      print({
        fields: [
          { title: "hash", fieldName: "Hash", jsonName: "hash", value: hash },
          { title: "hash revision", fieldName: "Hash revision", jsonName: "hashRevision", value: revision },
          {
            title: "compact revision",
            fieldName: "Compact revision",
            jsonName: "compactRevision",
            value: compactRevision,
          },
        ],
      }),
    );
  },
});
