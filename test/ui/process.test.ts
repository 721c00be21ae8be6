// `etcdctl ui` as a process: the bundle, or the executable, has the page in it.
import { writeFileSync } from "node:fs";
import path from "node:path";
import { startEmbeddedServer } from "../../src/index";
import { page } from "../../src/ui/gen/page";
import { startEtcdctl } from "../support/etcdctl";
import { runMain } from "../support/run-main";
import { workFolder } from "../support/work-folder";

const folder = workFolder();

test("the page is served until Ctrl-C, which ends open calls and the process", async () => {
  const server = await startEmbeddedServer();
  try {
    const child = startEtcdctl(["ui"], { endpoint: server.endpoint, cwd: folder() });
    await child.printed("stdout", "\n");
    const [origin = "", token = ""] = child.stdout.toString().trim().split("/#token=");
    expect(await (await fetch(origin)).text()).toBe(page.html);
    expect(await (await fetch(`${origin}/page.js`)).text()).toBe(page.script);
    const headers = { "Content-Type": "application/json", Authorization: `Bearer ${token}`, Origin: origin };
    const post = (name: string, body: object) =>
      fetch(`${origin}/api/${name}`, { method: "POST", headers, body: JSON.stringify(body) });
    const watch = await post("live", { prefix: "" });
    const lines = watch.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await lines?.read())?.value).toBe('{"since":"1"}\n');
    await server.client().kv.put({ key: "a", value: "1" });
    expect((await lines?.read())?.value).toContain('"label":"a"');
    expect(await (await post("level", { prefix: "" })).json()).toEqual({
      entries: [{ kind: "key", key: "YQ==", label: "a" }],
      next: null,
    });
    expect((await post("put", { key: "YQ==", value: "2", modRevision: "2" })).status).toBe(403);
    child.signal("SIGINT");
    const { exit, stdout, late } = await child.finish();
    expect({ exit, stdout: stdout.toString(), late }).toEqual({
      exit: 0,
      stdout: `${origin}/#token=${token}\n`,
      late: false,
    });
    await lines?.closed.catch(() => undefined);
  } finally {
    await server.stop();
  }
});

test.each([
  {
    listen: "ADDRESS OF THE SERVER",
    reason: "address already in use",
    hint: "another program listens there: ",
  },
  {
    listen: "192.0.2.1:0",
    reason: "cannot assign requested address",
    hint: "use an address of this machine",
  },
])(
  "an address that cannot be had, as $reason, is said once, with what to do",
  async ({ listen, reason, hint }) => {
    const server = await startEmbeddedServer();
    try {
      const address = listen.startsWith("ADDRESS") ? new URL(server.endpoint).host : listen;
      const { exit, stderr } = await runMain(["ui", "--endpoints", server.endpoint, "--listen", address]);
      expect({ exit, stderr }).toEqual({
        exit: 1,
        stderr: expect.stringMatching(
          new RegExp(`^Error: cannot listen on ${address}: ${reason}\nhint: ${hint}.*\n$`),
        ) as string,
      });
    } finally {
      await server.stop();
    }
  },
);

test("a file that is not there, or is no database, is an error before there is a page", async () => {
  writeFileSync(path.join(folder(), "notes.txt"), "no database");
  for (const [file, message] of [
    ["none.db", "there is no database at "],
    ["notes.txt", "altered or truncated"],
  ] as const) {
    const { exit, stdout, stderr } = await runMain(["ui", `--offline=${file}`], { cwd: folder() });
    expect({ exit, stdout }).toEqual({ exit: 1, stdout: "" });
    expect(stderr).toContain(message);
  }
});
