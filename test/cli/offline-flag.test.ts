// Command lines with --offline that could be misread, and watches that would wait for ever.
import { mkdirSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { main } from "../../src/cli/main";
import { testIo } from "../support/test-io";
import { until } from "../support/until";
import { workFolder } from "../support/work-folder";

const folder = workFolder();

async function run(
  words: readonly string[],
  env: Record<string, string> = {},
  stdin?: AsyncIterable<Uint8Array>,
) {
  const io = testIo({ cwd: folder(), env: { HOME: folder(), ...env }, ...(stdin && { stdin }) });
  const exitCode = await main(words, io);
  return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text };
}

const dataDir = () => `--offline=${path.join(folder(), "data")}`;

describe("--offline and a word after it", () => {
  const refusal = (word: string) => ({
    exitCode: 128,
    stdout: "",
    stderr:
      `Error: the path of --offline must follow a "=": --offline ${word} means --offline without a path\n` +
      `hint: write --offline=${word}\n`,
  });

  test.each(["./dir", "../dir", "backup.db", "..", "dir/snap.db"])(
    "%s can only be meant as a path",
    async (word) => {
      expect(await run(["put", "key", "--offline", word])).toEqual(refusal(word));
      expect(await run(["--offline", word, "get", "key"])).toEqual(refusal(word));
      expect(await run(["get", "-w", "json", "--offline", word])).toEqual(refusal(word));
    },
  );

  test("a file or a directory that exists is meant as a path", async () => {
    mkdirSync(path.join(folder(), "data"));
    writeFileSync(path.join(folder(), "saved"), "");
    expect(await run(["get", "--offline", "data", "key"])).toEqual(refusal("data"));
    expect(await run(["--offline", "saved", "get", "key"])).toEqual(refusal("saved"));
    const absolute = path.join(folder(), "data");
    expect(await run(["get", "--offline", absolute])).toEqual(refusal(absolute));
  });

  test("a key stays a key, and a command a command, also one with the name of a file", async () => {
    for (const name of ["put", "get"]) writeFileSync(path.join(folder(), name), "");
    expect(await run(["--offline", "put", "/app/name", "./value"])).toMatchObject({ exitCode: 0 });
    expect(await run(["get", "--offline", "/app/name"])).toMatchObject({ stdout: "/app/name\n./value\n" });
    expect(await run(["get", "--offline", "--", "./none"])).toMatchObject({ exitCode: 0 });
    expect(await run(["put", "--offline=true", "./key", "1"])).toMatchObject({ exitCode: 0 });
  });
});

test("--offline without a path says what it needs where the user has no home directory", async () => {
  const noHome = jest.spyOn(os, "homedir").mockImplementation(() => {
    throw new Error("uv_os_homedir returned ENOENT");
  });
  try {
    expect(await run(["--offline", "put", "key", "1"], { HOME: "" })).toEqual({
      exitCode: 128,
      stdout: "",
      stderr:
        "Error: --offline without a path needs a home directory\n" +
        "hint: write --offline=PATH, or set HOME or XDG_DATA_HOME\n",
    });
    expect(await run([dataDir(), "put", "key", "1"], { HOME: "" })).toMatchObject({ stdout: "OK\n" });
  } finally {
    noHome.mockRestore();
  }
});

test("a path of --offline works where the current directory of the process was removed", async () => {
  await run([dataDir(), "put", "key", "1"]);
  const removed = jest.spyOn(process, "cwd").mockImplementation(() => {
    throw new Error("uv_cwd returned ENOENT");
  });
  try {
    expect(await run(["--offline=data", "get", "key"])).toMatchObject({ stdout: "key\n1\n" });
  } finally {
    removed.mockRestore();
  }
});

describe("--offline and a cluster", () => {
  test("typed endpoints are refused", async () => {
    expect(await run(["get", "a", "--endpoints", "127.0.0.1:1", dataDir()])).toEqual({
      exitCode: 128,
      stdout: "",
      stderr: "Error: --offline and --endpoints cannot be set at the same time, choose one\n",
    });
    const { stderr } = await run(["get", "a", "-d", "example.org"], { ETCDCTL_OFFLINE: "1" });
    expect(stderr).toBe(
      "Error: ETCDCTL_OFFLINE and --discovery-srv cannot be set at the same time, choose one\n",
    );
  });

  test("endpoints from the environment are not used", async () => {
    const { exitCode } = await run(["put", "a", "1", dataDir()], { ETCDCTL_ENDPOINTS: "127.0.0.1:1" });
    expect(exitCode).toBe(0);
  });
});

describe("watch --offline", () => {
  beforeEach(async () => {
    for (const value of ["1", "2"]) await run(["put", "a", value, dataDir()]);
  });

  test("prints the history from --rev and ends with exit code 0", async () => {
    const stdout = "PUT\na\n1\nPUT\na\n2\n";
    expect(await run(["watch", "a", "--rev", "2", dataDir()])).toEqual({ exitCode: 0, stdout, stderr: "" });
    expect(await run(["watch", "other", "--rev", "1", dataDir()])).toMatchObject({ exitCode: 0, stdout: "" });
    expect(await run(["watch", "a", "--rev", "9", dataDir()])).toMatchObject({ exitCode: 0, stdout: "" });
  });

  test("is refused without --rev, with the reason and the next step", async () => {
    expect(await run(["watch", "a", dataDir()])).toEqual({
      exitCode: 128,
      stdout: "",
      stderr:
        "Error: with --offline nothing changes, so a watch without --rev would wait for ever\n" +
        "hint: --rev=1 prints the history and ends\n" +
        "hint: to wait for changes, run a server on the data (etcdctl serve --data-dir DIR) and name it with --endpoints\n",
    });
  });

  test("reads a snapshot and fails on a compacted revision as online", async () => {
    await run(["compaction", "3", dataDir()]);
    const snapshot = path.join(folder(), "s.db");
    await run(["snapshot", "save", snapshot, dataDir()]);
    const printed = await run(["watch", "a", "--rev", "3", `--offline=${snapshot}`]);
    expect(printed).toMatchObject({ exitCode: 0, stdout: "PUT\na\n2\n" });
    expect(await run(["watch", "a", "--rev", "1", dataDir()])).toMatchObject({ exitCode: 5 });
  });

  test("-i prints the history of each line", async () => {
    let finish!: () => void;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    async function* lines() {
      yield Buffer.from("watch --rev 3 a\nwatch --rev 2 a\n");
      await finished;
    }
    const io = testIo({ cwd: folder(), stdin: lines() });
    const ended = main(["watch", "-i", dataDir()], io);
    await until("all events", () => io.stdout.text === "PUT\na\n2\nPUT\na\n1\nPUT\na\n2\n");
    finish();
    expect(await ended).toBe(3);
  });

  test("other commands that would wait for ever end with the reason", async () => {
    expect(await run(["elect", "-l", "none", dataDir()])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("with --offline nothing changes, so there is nothing to wait for"),
    });
  });
});
