// `usage` and `diff` read a backup record by record. Of each key they keep a few bytes, to know it again.
import { createWriteStream, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { startEmbeddedServer } from "../../../src/server/server";
import { etcdctl, noNodeProgram } from "../../support/etcdctl";
import { notLinux, testUnless } from "../../support/skip";
import { sharedFolder } from "../../support/work-folder";

const dir = sharedFolder();
const key = (number: number) => `/registry/pods/ns-${number % 100}/pod-${String(number).padStart(8, "0")}`;
const value = "v".repeat(100);

/** Two snapshots of one server: the second has one more key and one other value. */
async function makeBackups(keys: number): Promise<{ first: string; second: string }> {
  const server = await startEmbeddedServer({ listenClientUrls: [] });
  const client = server.client();
  const save = async (name: string) => {
    const file = path.join(dir, `${name}-${keys}.db`);
    const blobs = async function* () {
      for await (const { blob } of client.maintenance.snapshot({})) yield blob;
    };
    await pipeline(blobs, createWriteStream(file));
    return file;
  };
  try {
    const batch = 100;
    for (let start = 0; start < keys; start += batch) {
      const puts = Array.from({ length: batch }, (_, at) => ({
        request: { case: "requestPut" as const, value: { key: key(start + at), value } },
      }));
      await client.kv.txn({ success: puts });
    }
    const first = await save("first");
    await client.kv.put({ key: key(keys), value });
    await client.kv.put({ key: key(0), value: "other" });
    return { first, second: await save("second") };
  } finally {
    await server.stop();
  }
}

/** The most memory that a run of the program had, in MiB. Not resourceUsage(): that begins with the memory of the parent. */
async function peakMiB(words: readonly string[], exit: number): Promise<number> {
  const peak = path.join(dir, "peak");
  const hook = path.join(dir, "peak.cjs");
  writeFileSync(
    hook,
    `const { readFileSync, writeFileSync } = require("node:fs");
    const peak = () => /VmHWM:\\s*(\\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1];
    process.on("exit", () => writeFileSync(${JSON.stringify(peak)}, peak()));`,
  );
  const run = await etcdctl(words, { cwd: dir, env: { NODE_OPTIONS: `--require=${hook}` } });
  expect(run).toMatchObject({ exit, stderr: "" });
  return Number(readFileSync(peak, "utf8")) / 1024;
}

const manyKeys = 500_000;
/** Includes garbage. An object for each key with its value takes three times as much. */
const allowedMiB = 64;

testUnless(
  noNodeProgram ?? notLinux,
  "usage and diff do not load the keys and values of a backup into memory.",
  async () => {
    const small = await makeBackups(50_000);
    const large = await makeBackups(manyKeys);
    const commands: readonly ((backups: typeof small) => readonly [readonly string[], number])[] = [
      ({ first }) => [["usage", `--offline=${first}`], 0],
      ({ first, second }) => [["diff", "--count-only", first, second], 1],
    ];
    for (const command of commands) {
      const before = await peakMiB(...command(small));
      expect((await peakMiB(...command(large))) - before).toBeLessThan(allowedMiB);
    }
  },
);
