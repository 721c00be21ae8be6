// Child processes of the system Io. Start and errors are those of Go's os/exec.
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { identifyProcess, startChild } from "../../src/cli/child";
import { exitText } from "../../src/go/os";
import type { ChildEnd, ChildOptions } from "../../src/io";
import { notLinux, testUnless } from "../support/skip";
import { until } from "../support/until";
import { workFolder } from "../support/work-folder";

const folder = workFolder();

describe("a child process", () => {
  test("is found in $PATH and gets our environment plus the added variables", async () => {
    const bin = path.join(folder(), "bin");
    await mkdir(bin);
    await script(path.join(bin, "probe"), `echo "$A $B" > ${folder()}/output; exit 7`);
    const end = await run(
      ["probe"],
      { env: { B: "added" } },
      { A: "inherited", B: "old", PATH: `/nowhere:${bin}` },
    );
    expect(end).toEqual({ exitCode: 7 });
    expect(await readFile(path.join(folder(), "output"), "utf8")).toBe("inherited added\n");
  });

  test("has an empty stdin unless it inherits ours", async () => {
    expect(await run(["sh", "-c", `cat > ${folder()}/input`])).toEqual({
      exitCode: 0,
    });
    expect(await readFile(path.join(folder(), "input"), "utf8")).toBe("");
  });

  test("that is killed ends with the signal, described as in Go", async () => {
    const child = await startChild(["sleep", "100"], {}, process.env);
    child.kill("SIGTERM");
    const end = await child.ended;
    expect(end).toEqual({ signal: "SIGTERM" });
    expect(exitText(end)).toBe("signal: terminated");
    expect(exitText({ exitCode: 7 })).toBe("exit status 7");
  });

  testUnless(notLinux, "ends with all its descendants, including one that ignores SIGTERM", async () => {
    // The inner process writes its number only after it ignores SIGTERM.
    const work = `trap '' TERM; (trap '' TERM; echo $BASHPID > ${folder()}/inner; while :; do sleep 100; done) & sleep 100`;
    const child = await startChild(
      ["bash", "-c", `bash -c "$0" & echo $! > ${folder()}/outer; wait`, work],
      {},
      process.env,
    );
    const pidIn = async (name: string) =>
      Number(await readFile(path.join(folder(), name), "utf8").catch(() => ""));
    await until("all of them run", async () => (await pidIn("inner")) > 0);
    await child.endAll(200);
    expect(await child.ended).toEqual({ signal: "SIGTERM" });
    for (const name of ["inner", "outer"]) expect(identifyProcess(await pidIn(name))).toBeUndefined();
  });

  test("that cannot be started fails with Go's message", async () => {
    await script(path.join(folder(), "plain"), "true", 0o644);
    const nope = path.join(folder(), "nope");
    await expect(run(["nope"])).rejects.toThrow('exec: "nope": executable file not found in $PATH');
    await expect(run([""])).rejects.toThrow("exec: no command");
    await expect(run(["echo", "\udcff"])).rejects.toThrow(
      'exec: "echo": an argument is not UTF-8 and Node cannot pass it',
    );
    await expect(run([nope])).rejects.toThrow(`fork/exec ${nope}: no such file or directory`);
    await expect(run([path.join(folder(), "plain")])).rejects.toThrow(
      /fork\/exec .*plain: permission denied/,
    );
    await expect(run(["plain"], {}, { PATH: folder() })).rejects.toThrow(
      "executable file not found in $PATH",
    );
  });
});

async function run(
  argv: readonly string[],
  options: ChildOptions = {},
  env = process.env,
): Promise<ChildEnd> {
  return (await startChild(argv, options, env as Record<string, string>)).ended;
}

async function script(file: string, text: string, mode = 0o755): Promise<void> {
  await writeFile(file, `#!/bin/sh\n${text}\n`);
  await chmod(file, mode);
}
