// The page in a real browser when not all is well: no member responds, the user may not read all keys, a value is very large.
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { startEmbeddedServer, type EmbeddedServer } from "../../src/index";
import { appearance, go, openPage, unreachable, type Look } from "../support/browser-page";
import { noChromium, startChromium } from "../support/chromium";
import { describeUnless } from "../support/skip";
import { UiPage } from "../support/ui-page";

const looks: readonly Look[] = [1440, 390].flatMap((width) =>
  (["light", "dark"] as const).map((scheme) => ({ width, height: 844, scheme })),
);

describeUnless(noChromium, "the page of etcdctl ui in Chromium, when not all is well", () => {
  let browser: Browser;
  let server: EmbeddedServer;
  beforeAll(async () => {
    browser = await startChromium();
  });
  afterAll(() => (browser as Browser | undefined)?.close());
  afterEach(() => server.stop());

  const at = (view: string, key: string) => `#/${view}/${Buffer.from(key).toString("base64url")}`;
  const open = (...words: string[]) =>
    UiPage.start([...words, "--command-timeout=1s"], { env: { ETCDCTL_ENDPOINTS: server.endpoint } });

  /** Nothing is cut off or unreadable, in any width and theme. */
  async function expectToFit(page: Page, name: string): Promise<void> {
    for (const { width = 0, height = 0, scheme = "light" } of looks) {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme: scheme });
      const { wide, ground, text } = await appearance(page);
      expect({ name, width, wide: wide > 0 }).toEqual({ name, width, wide: false });
      expect(Math.abs(ground - text)).toBeGreaterThan(0.6);
      const folder = process.env["UI_SCREENSHOTS"];
      if (folder) await page.screenshot({ path: path.join(folder, `${name}-${width}-${scheme}.png`) });
    }
  }

  test("while no member responds, the members stay as they were, and the live view says so and continues", async () => {
    server = await startEmbeddedServer();
    await using ui = await open();
    await using opened = await openPage(browser, ui, "#/members");
    const { page } = opened;
    await page.locator(".member.healthy").filter({ hasText: "default" }).waitFor();
    await go(page, "#/live");
    await page.getByText("live since revision").waitFor();
    await server.stop();
    await page.getByText("waiting: no member responds").waitFor();
    await page.locator(".event.notice").filter({ hasText: "the connection broke: " }).waitFor();
    await expectToFit(page, "live-away");
    await go(page, "#/members");
    const away = page.locator(".member.away").filter({ hasText: "default" });
    await away.filter({ hasText: "Last response" }).waitFor();
    await expectToFit(page, "members-away");
    await go(page, "#/live");
    await page.getByText("waiting: no member responds").waitFor();
    server = await startEmbeddedServer({ listenClientUrls: [server.endpoint] });
    await page.locator(".event.notice").filter({ hasText: "a member responds again" }).waitFor();
    await page.locator(".state.on").waitFor();
    await go(page, "#/members");
    await page.locator(".member.healthy").waitFor();
  });

  test("while etcdctl ui itself is gone, the members stay as they were", async () => {
    server = await startEmbeddedServer();
    await using ui = await open();
    await using opened = await openPage(browser, ui, "#/members");
    const { page } = opened;
    await page.locator(".member.healthy").filter({ hasText: "default" }).waitFor();
    await ui[Symbol.asyncDispose]();
    await page.getByText("etcdctl ui does not respond").waitFor();
    await page.locator(".member.away").filter({ hasText: "default" }).waitFor();
  });

  test("a user of whom only a certificate is known types where to begin, by keyboard", async () => {
    server = await startEmbeddedServer({
      tls: true,
      auth: {
        clientCertAuth: true,
        users: { root: "pw", reader: { password: "pw", roles: ["some"] } },
        roles: {
          some: [
            { permission: "read", prefix: "/a/" },
            { permission: "read", key: "/c" },
          ],
        },
      },
      keys: { "/a/one": "first value", "/c": "value of c", "/hidden": "" },
    });
    const { certFile, keyFile } = (await server.certificates?.issue("reader")) ?? {};
    await using ui = await open(
      `--cacert=${server.certificates?.caFile}`,
      `--cert=${certFile}`,
      `--key=${keyFile}`,
    );
    await using opened = await openPage(browser, ui);
    const { page } = opened;
    await page.getByLabel("Type where to begin").fill("/a/");
    await page.keyboard.press("Enter");
    await page.locator(".folder-detail").getByText("1 key", { exact: true }).waitFor();
    await page.getByRole("treeitem", { name: "/a/" }).click();
    await page.getByRole("treeitem", { name: "one" }).click();
    await page.locator("pre.value").filter({ hasText: "first value" }).waitFor();
    await go(page, "#/");
    await page.getByLabel("Type where to begin").fill("/c");
    await page.getByRole("button", { name: "Open key" }).press("Enter");
    await page.locator("pre.value").filter({ hasText: "value of c" }).waitFor();
    expect(await unreachable(page)).toEqual([]);
    await go(page, at("live", "/hidden"));
    await page.getByText('this needs read permission on the keys that begin with "/hidden"').waitFor();
    await expectToFit(page, "live-refused");
    await go(page, "#/");
    await expectToFit(page, "no-list");
  });

  test("of a large value the first part is shown, and the rest after a key press", async () => {
    server = await startEmbeddedServer();
    const list = Array.from({ length: 40_000 }, (_, index) => ({ index }));
    await server.client().kv.put({ key: "/large", value: JSON.stringify({ list, last: "the end" }) });
    await using ui = await open();
    await using opened = await openPage(browser, ui, at("key", "/large"));
    const { page, complaints } = opened;
    const value = page.locator("pre.value");
    await value.filter({ hasText: '"index": 1' }).waitFor();
    await page.getByText("These are the first").waitFor();
    expect(await value.filter({ hasText: "the end" }).count()).toBe(0);
    await expectToFit(page, "large");
    await page.getByRole("button", { name: "Show all" }).press("Enter");
    await value.filter({ hasText: '"last": "the end"' }).waitFor();
    expect(await page.getByText("These are the first").count()).toBe(0);
    expect(complaints).toEqual([]);
  });
});
