// Which of Node's modules a command of the built program loads. Loading is most of the time of a short command.
import { readFileSync } from "node:fs";
import path from "node:path";
import { startEmbeddedServer, type EmbeddedServer } from "../../src/index";
import { etcdctl, noNodeProgram } from "../support/etcdctl";
import { describeUnless } from "../support/skip";
import { workFolder } from "../support/work-folder";

const folder = workFolder();

/** The public built-in modules of Node that the program has loaded when it exits. */
async function loadedBy(words: readonly string[], endpoint?: string): Promise<string[]> {
  const report = path.join(folder(), "loaded.json");
  const preload = path.resolve("test/package/report-loaded.cjs");
  const { exit, stderr } = await etcdctl(words, {
    cwd: folder(),
    env: { NODE_OPTIONS: `--require ${JSON.stringify(preload)}`, LOADED_REPORT: report },
    ...(endpoint === undefined ? {} : { endpoint }),
  });
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
  return JSON.parse(readFileSync(report, "utf8")) as string[];
}

describeUnless(noNodeProgram, "what a command loads", () => {
  test.each([[["version"]], [["help"]], [["put", "--help"]]])("%j loads no network module", async (words) => {
    const loaded = await loadedBy(words);
    expect(loaded).toContain("vm"); // bin/etcdctl.js needs it, so the report works
    for (const name of [
      "net",
      "tls",
      "http2",
      "http",
      "https",
      "dns",
      "zlib",
      "crypto",
      "child_process",
      "worker_threads",
      "readline",
    ]) {
      expect(loaded).not.toContain(name);
    }
  });

  describe("with a server", () => {
    let server: EmbeddedServer;
    beforeAll(async () => {
      server = await startEmbeddedServer();
    });
    afterAll(() => server.stop());

    test("put loads sockets, but no module for TLS, HTTP, threads, child processes or prompts", async () => {
      const loaded = await loadedBy(["put", "a", "1"], server.endpoint);
      expect(loaded).toContain("net");
      for (const name of [
        "tls",
        "http2",
        "http",
        "https",
        "crypto",
        "worker_threads",
        "cluster",
        "readline",
        "repl",
      ])
        expect(loaded).not.toContain(name);
    });
  });
});

test("etcdctl without arguments prints its help and succeeds, as in Go", async () => {
  const { exit, stdout, stderr } = await etcdctl([], { cwd: folder() });
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
  expect(stdout).toContain("snapshot");
});
