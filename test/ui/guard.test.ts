// Who may call the page's server, and what it refuses.
import { startEmbeddedServer, type EmbeddedServer } from "../../src/index";
import { httpRequest } from "../support/http-request";
import { runMain } from "../support/run-main";
import { key64, UiPage } from "../support/ui-page";
import { until } from "../support/until";

let server: EmbeddedServer;
let page: UiPage;
beforeEach(async () => {
  server = await startEmbeddedServer();
  await server.client().kv.put({ key: "a", value: "1" });
  page = await openPage();
});
afterEach(async () => {
  await page[Symbol.asyncDispose]();
  await server.stop();
});

const openPage = (...words: string[]) => UiPage.start(words, { env: { ETCDCTL_ENDPOINTS: server.endpoint } });

const errorOf = ({ body }: { body: Buffer }) => (JSON.parse(body.toString()) as { error: string }).error;

test("stdout has only the address, and whoever starts the command learns how it ends", () => {
  expect(page.io.stdout.text).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{43}\n$/);
  expect(page.io.stderr.text).toMatch(/^hint: .*Ctrl-C ends it\n$/);
});

test("Ctrl-C ends the command with exit code 0 while a page watches", async () => {
  const watching = httpRequest({
    url: `${page.origin}/api/live`,
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${page.token}` },
    body: JSON.stringify({ prefix: "" }),
  }).catch((error: unknown) => error);
  await until("the watch", () => server.requests.of("watch").length > 0);
  page.io.sendSignal("SIGINT");
  expect(await page.ended).toBe(0);
  await watching;
});

describe("the files", () => {
  test.each(["/", "/page.css", "/page.js", "/icon.svg"])(
    "%s needs no token and names no other host",
    async (path) => {
      const { status, headers, body } = await httpRequest({ url: `${page.origin}${path}` });
      expect(status).toBe(200);
      const text = body.toString().replaceAll("http://www.w3.org/2000/svg", "");
      expect(text).not.toMatch(/https?:\/\/|\/\/\w+\.\w/);
      expect(headers["content-security-policy"]).toMatch(/^default-src 'none'; script-src 'self';/);
      expect(headers["content-security-policy"]).not.toMatch(/unsafe|\*|http/);
      expect(headers["x-content-type-options"]).toBe("nosniff");
      expect(headers["referrer-policy"]).toBe("no-referrer");
      expect(headers["cache-control"]).toBe("no-store");
    },
  );

  test("there are no others", async () => {
    for (const path of ["/package.json", "/../package.json", "/__proto__", "/api"]) {
      expect((await httpRequest({ url: `${page.origin}${path}` })).status).toBe(404);
    }
  });
});

describe("a call is refused", () => {
  test.each([
    ["without a token", 401, { Authorization: "" }],
    ["with another token", 401, { Authorization: `Bearer ${"x".repeat(43)}` }],
    ["with a token that is only a part", 401, { Authorization: "Bearer " }],
    ["from another site", 403, { Origin: "http://evil.example" }],
    ["from a page without an address", 403, { Origin: "null" }],
    ["that a browser marks as cross-site", 403, { "Sec-Fetch-Site": "cross-site" }],
    ["to a name that leads here by DNS rebinding", 403, { Host: "evil.example" }],
    ["to a name that only begins as an address", 403, { Host: "127.0.0.1.evil.example" }],
    ["that a form could send", 415, { "Content-Type": "text/plain" }],
  ] as const)("%s", async (_, status, headers) => {
    const answer = await page.send("key", { key: key64("a") }, headers);
    expect(answer.status).toBe(status);
    expect(answer.body.toString()).not.toContain("modRevision");
  });

  test("by GET", async () => {
    const headers = { "Content-Type": "application/json", Authorization: `Bearer ${page.token}` };
    expect((await httpRequest({ url: `${page.origin}/api/about`, headers })).status).toBe(405);
  });

  test.each([
    ["no JSON", "{"],
    ["no object", "1"],
    ["null", "null"],
    ["a key that is no base64", '{"key":"?"}'],
    ["an empty key", '{"key":""}'],
    ["a revision that is no number", '{"key":"YQ==","revision":"x"}'],
    ["a revision that is too large", '{"key":"YQ==","revision":"99999999999999999999"}'],
    ["an encoding that does not exist", '{"key":"YQ==","encoding":"x"}'],
  ])("with a body that has %s", async (_, body) => {
    const headers = { "Content-Type": "application/json", Authorization: `Bearer ${page.token}` };
    const answer = await httpRequest({ url: `${page.origin}/api/key`, method: "POST", headers, body });
    expect({ status: answer.status, stderr: page.io.stderr.text.split("\n").length }).toEqual({
      status: 400,
      stderr: 2,
    });
  });

  test("with a name that does not exist", async () => {
    for (const name of ["nothing", "__proto__", "constructor", ""]) {
      expect((await page.send(name, {})).status).toBe(404);
    }
  });
});

test("the page's own origin, other addresses of this machine and localhost are allowed", async () => {
  for (const headers of [{ Origin: page.origin }, { Host: "localhost:1" }, { Host: "[::1]:80" }]) {
    expect((await page.send("about", {}, headers)).status).toBe(200);
  }
});

test("without --allow-writes, the server refuses every write", async () => {
  const body = { key: key64("a"), value: "2", modRevision: "2", revision: "2" };
  for (const name of ["put", "delete", "restore"]) {
    const answer = await page.send(name, body);
    expect({ status: answer.status, error: errorOf(answer) }).toEqual({
      status: 403,
      error: "this page is read-only: start etcdctl ui with --allow-writes",
    });
  }
  expect((await server.client().kv.range({ key: "a" })).kvs[0]?.value.toString()).toBe("1");
});

test("the text of a server's error is harmless, and its hints come with it", async () => {
  await server.stop();
  const answer = await page.send("level", { prefix: "" });
  expect(answer.status).toBe(502);
  expect(errorOf(answer)).toBe("context deadline exceeded");
});

test("--listen is checked before anything is dialed", async () => {
  for (const address of ["127.0.0.1", "127.0.0.1:99999", "::1:80", ":80"]) {
    const { exit, stderr } = await runMain(["ui", "--listen", address]);
    expect({ exit, stderr }).toEqual({
      exit: 128,
      stderr: expect.stringContaining("is no address for --listen") as string,
    });
  }
  const { port } = new URL(page.origin);
  const taken = await runMain(["ui", "--listen", `127.0.0.1:${port}`], {
    env: { ETCDCTL_ENDPOINTS: server.endpoint },
  });
  expect({ exit: taken.exit, stderr: taken.stderr }).toEqual({
    exit: 1,
    stderr: expect.stringContaining(`cannot listen on 127.0.0.1:${port}: `) as string,
  });
});

test("a page for other machines says so", async () => {
  await using open = await openPage("--listen", "0.0.0.0:0");
  expect(open.io.stderr.text).toContain("hint: other machines can reach this address");
});

test("--open starts the system's opener with the address, and says what to do without one", async () => {
  const argvs: (readonly string[])[] = [];
  const onChild = ({ argv, end }: { argv: readonly string[]; end: (end: { exitCode: number }) => void }) => {
    argvs.push(argv);
    end({ exitCode: argvs.length === 1 ? 0 : 3 });
  };
  for (const hint of ["", "open the address by hand"]) {
    await using opened = await UiPage.start(["--open"], {
      env: { ETCDCTL_ENDPOINTS: server.endpoint },
      onChild,
    });
    await until("the opener", () => opened.io.stderr.text.includes(hint) && opened.io.children.length === 1);
    expect(argvs.at(-1)?.at(-1)).toBe(opened.io.stdout.text.trim());
  }
});
