// The page in a real browser: keyboard, sizes, themes, hostile keys, live changes, and that no request leaves the machine.
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { startEmbeddedServer, type EmbeddedServer } from "../../src/index";
import { appearance, go, openPage, unreachable, type Look } from "../support/browser-page";
import { noChromium, startChromium } from "../support/chromium";
import { fillRegistry, hostileKeys, hostileValue } from "../support/registry";
import { runMain } from "../support/run-main";
import { describeUnless } from "../support/skip";
import { UiPage } from "../support/ui-page";
import { until } from "../support/until";
import { sharedFolder } from "../support/work-folder";

const registryKeys = 100_000;

describeUnless(noChromium, "the page of etcdctl ui in Chromium", () => {
  const folder = sharedFolder();
  let browser: Browser;
  let server: EmbeddedServer;
  let readOnly: UiPage;
  let writable: UiPage;
  beforeAll(async () => {
    server = await startEmbeddedServer();
    await fillRegistry(server, registryKeys);
    await put("/app/config.json", '{"port": 1, "hosts": ["a"]}');
    await put("/app/config.json", '{"port": 2, "hosts": ["a"]}');
    await put("/registry/secrets/default/token", "swordfish");
    for (const key of hostileKeys) await put(key, hostileValue);
    const env = { ETCDCTL_ENDPOINTS: server.endpoint };
    readOnly = await UiPage.start([], { env });
    writable = await UiPage.start(["--allow-writes"], { env });
    browser = await startChromium();
  });
  afterAll(async () => {
    await (browser as Browser | undefined)?.close();
    await (readOnly as UiPage | undefined)?.[Symbol.asyncDispose]();
    await (writable as UiPage | undefined)?.[Symbol.asyncDispose]();
    await server.stop();
  });

  const put = (key: string | Buffer, value: string) => server.client().kv.put({ key, value });

  const open = (ui: UiPage, hash?: string, look?: Look) => openPage(browser, ui, hash, look);
  const at = (view: string, key: string | Buffer, tab = "") =>
    `#/${view}/${Buffer.from(key).toString("base64url")}${tab}`;
  const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });

  test("the token leaves the address, and a page without it says what to do", async () => {
    await using opened = await open(readOnly);
    expect(new URL(opened.page.url()).hash).toBe("#/");
    await opened.page.reload();
    await opened.page.getByRole("treeitem").first().waitFor();
    const other = await opened.page.context().newPage();
    await other.goto(readOnly.origin);
    await other.getByText("open the address that etcdctl ui printed").waitFor();
  });

  test("the tree works by keyboard alone, from the first level to a value", async () => {
    await using opened = await open(readOnly);
    const { page, complaints } = opened;
    const active = (name: string) => page.locator(".row.active").filter({ hasText: name }).waitFor();
    await page.keyboard.press("Home");
    await active("/");
    await page.keyboard.press("ArrowDown");
    await active("app/");
    await page.keyboard.press("ArrowRight");
    await page.getByRole("treeitem", { name: "config.json" }).waitFor();
    await page.keyboard.press("ArrowRight");
    await active("config.json");
    await page.keyboard.press("Enter");
    await page.locator("pre.value").filter({ hasText: '"port": 2' }).waitFor();
    await page.keyboard.press("ArrowLeft");
    await active("app/");
    await page.keyboard.press("ArrowLeft");
    await page.getByRole("treeitem", { name: "config.json" }).waitFor({ state: "detached" });
    await page.keyboard.press("End");
    await active("registry/");
    expect(complaints).toEqual([]);
  });

  test("every button and link has its turn with the tab key, in every view", async () => {
    await using opened = await open(writable);
    const { page } = opened;
    const views: [hash: string, shown: string][] = [
      ["#/", "All keys"],
      [at("key", "/app/config.json"), "Download"],
      [at("key", "/app/config.json", "/history"), "What revision"],
      [at("key", "/registry/secrets/default/token"), "Reveal"],
      ["#/live", "live since"],
      ["#/members", "Latency of a confirmed read"],
    ];
    for (const [hash, shown] of views) {
      await go(page, hash);
      await page.getByText(shown).first().waitFor();
      expect({ hash, left: await unreachable(page) }).toEqual({ hash, left: [] });
    }
  });

  test("search, views and the theme have keys of their own", async () => {
    await using opened = await open(readOnly);
    const { page, complaints } = opened;
    await page.keyboard.press("/");
    await page.keyboard.type("config.json");
    await page.keyboard.press("Enter");
    await page.getByRole("option", { name: "/app/config.json" }).waitFor();
    await page.getByText("1 key", { exact: true }).waitFor();
    await page.keyboard.press("Enter");
    await page.locator("pre.value").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("tree").waitFor();
    for (const [key, view] of [
      ["l", "Live"],
      ["m", "Members"],
      ["k", "Keys"],
    ] as const) {
      await page.keyboard.press(key);
      await page.locator(`.views [aria-current=page]`).filter({ hasText: view }).waitFor();
    }
    await page.keyboard.press("t");
    await page.locator("html[data-theme=dark]").waitFor();
    expect(complaints).toEqual([]);
  });

  test("a value in each form, its history and its differences", async () => {
    await using opened = await open(readOnly, at("key", "/app/config.json"));
    const { page, complaints } = opened;
    const value = page.locator("pre.value");
    await value.filter({ hasText: '"port": 2' }).waitFor();
    await button(page, "Hex").press("Enter");
    await value.filter({ hasText: "00000000  7b 22 70" }).waitFor();
    await button(page, "Base64").press("Enter");
    await value.filter({ hasText: "eyJwb3J0" }).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      button(page, "Download").press("Enter"),
    ]);
    expect(download.suggestedFilename()).toBe("config.json");
    await page.getByRole("link", { name: "History" }).press("Enter");
    await page.locator(".diff .removed").filter({ hasText: '"port": 1' }).waitFor();
    await page.locator(".diff .added").filter({ hasText: '"port": 2' }).waitFor();
    await page.locator("button.revision").nth(1).press("Enter");
    await page.locator(".diff .line.added").nth(5).waitFor();
    await button(page, "Now").press("Enter");
    await page.locator(".diff .removed").filter({ hasText: '"port": 1' }).waitFor();
    expect(complaints).toEqual([]);
  });

  test("a secret is shown after a click, and was not on the page before", async () => {
    await using opened = await open(readOnly, at("key", "/registry/secrets/default/token"));
    const { page } = opened;
    await page.getByText("This value is a secret").waitFor();
    expect(await page.content()).not.toContain("swordfish");
    await button(page, "Reveal").press("Enter");
    await page.locator("pre.value").filter({ hasText: "swordfish" }).waitFor();
  });

  test("hostile keys and values are text, and do nothing", async () => {
    await using opened = await open(readOnly, at("folder", "/hostile/"));
    const { page, complaints } = opened;
    const title = await page.title();
    await page.getByRole("treeitem", { name: "hostile/" }).click();
    await page.getByRole("treeitem", { name: "<img src=x onerror=alert(1)>" }).waitFor();
    const labels = await page.locator(".tree-row.key .name").allTextContents();
    expect(labels).toEqual(
      expect.arrayContaining(["\\x1b]0;owned\\x07\\x1b[2J", "\\u202egnp.exe", "\\xff\\xfe\\x00"]),
    );
    for (const key of hostileKeys) {
      await go(page, at("key", key));
      await page.locator("pre.value").filter({ hasText: "\\x1b[31m\\u202e</pre><img src=x" }).waitFor();
      await go(page, at("key", key, "/history"));
      await page.locator(".diff .added").filter({ hasText: "<script>" }).waitFor();
    }
    expect({ title: await page.title(), images: await page.locator("img").count(), complaints }).toEqual({
      ...{ title, images: 0, complaints: [] },
    });
  });

  test("a folder of thousands of keys scrolls to its end with few elements", async () => {
    await using opened = await open(readOnly, at("folder", "/registry/pods/"));
    const { page, complaints } = opened;
    await page.getByRole("treeitem", { name: "pods/" }).click();
    await page.getByRole("treeitem", { name: "shop/" }).click();
    await page.getByRole("treeitem", { name: "shop/" }).locator(".twist.open").waitFor();
    await page.locator(".tree-row.key").first().waitFor();
    const tree = page.getByRole("tree");
    await tree.focus();
    const last = page.locator(".tree-row.key").filter({ hasText: /^web-09999[0-9]$/ });
    await until("the last key", async () => {
      await page.keyboard.press("End");
      return (await last.count()) > 0;
    });
    expect(await page.locator(".tree .row").count()).toBeLessThan(120);
    expect(complaints).toEqual([]);
  });

  test("sizes are measured on demand", async () => {
    await using opened = await open(readOnly, at("folder", "/registry/"));
    const { page } = opened;
    await button(page, "Measure sizes").press("Enter");
    await page.locator(".sizes tbody tr").nth(6).waitFor();
    await page.getByText(/^100\u202f001 keys$/).waitFor();
  });

  test("live changes appear while the view is open, are held back by Pause and removed by Clear", async () => {
    await using opened = await open(readOnly, at("live", "/live/"));
    const { page, complaints } = opened;
    await page.getByText("live since revision").waitFor();
    await put("/live/<b>1", "x");
    await put("/elsewhere", "x");
    await page.getByRole("option", { name: "/live/<b>1" }).waitFor();
    await button(page, "Pause").press("Enter");
    await put("/live/2", "x");
    await page.getByText("2 changes (1 held back)").waitFor();
    expect(await page.getByRole("option").count()).toBe(1);
    await button(page, "Resume").press("Enter");
    await page.getByRole("option", { name: "/live/2" }).waitFor();
    await button(page, "Clear").press("Enter");
    await page.getByRole("option").first().waitFor({ state: "detached" });
    await page.getByLabel("Prefix").fill("/other/");
    await page.keyboard.press("Enter");
    await page.getByText("live since revision").waitFor();
    await put("/other/1", "x");
    await page.getByRole("option", { name: "/other/1" }).press("Enter");
    expect(complaints).toEqual([]);
  });

  test("the members are drawn with their health and three plots", async () => {
    await using opened = await open(readOnly, "#/members");
    const { page, complaints } = opened;
    await page.locator(".member.healthy .badge.leader").waitFor();
    for (const title of ["Database size", "Latency of a confirmed read", "Revisions per second"]) {
      await page.getByRole("img", { name: `${title} over time` }).waitFor();
    }
    await page.locator(".chart path.line[d*=L]").nth(2).waitFor({ state: "attached" });
    expect(complaints).toEqual([]);
  });

  test("a page that only reads has no button that writes", async () => {
    await using opened = await open(readOnly, at("key", "/app/config.json"));
    const { page } = opened;
    await button(page, "Download").waitFor();
    for (const name of ["Edit", "Delete", "New key", "Restore"])
      expect(await button(page, name).count()).toBe(0);
    await page.getByText("read-only", { exact: true }).waitFor();
  });

  test("a key is created, edited, restored and deleted by keyboard", async () => {
    await using opened = await open(writable, at("folder", "/app/"));
    const { page, complaints } = opened;
    const value = page.locator("pre.value");
    await button(page, "New key").press("Enter");
    await page.getByLabel("Key", { exact: true }).fill("/app/new");
    await page.getByRole("textbox", { name: "Value" }).fill("first");
    await button(page, "Create").press("Enter");
    await value.filter({ hasText: "first" }).waitFor();
    await button(page, "Edit").press("Enter");
    await page.getByRole("textbox", { name: "Value" }).fill("second");
    await button(page, "Save").press("Enter");
    await value.filter({ hasText: "second" }).waitFor();
    await button(page, "Edit").press("Enter");
    await put("/app/new", "another client's");
    await button(page, "Save").press("Enter");
    await page.getByRole("alert").filter({ hasText: "changed by another client" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.getByRole("link", { name: "History" }).press("Enter");
    await button(page, "Restore").last().press("Enter");
    await page.getByRole("dialog").getByRole("button", { name: "Restore" }).press("Enter");
    // The page takes no keys while the dialog is open, which has a third button of this name. Afterwards the versions are listed again.
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await button(page, "Restore").nth(2).waitFor();
    await page.getByRole("link", { name: "Value" }).press("Enter");
    await value.filter({ hasText: "first" }).waitFor();
    await button(page, "Delete").press("Enter");
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).press("Enter");
    await page.getByText("This key does not exist now.").waitFor();
    expect((await server.client().kv.range({ key: "/app/new" })).kvs).toEqual([]);
    expect(complaints.filter((text) => !text.includes("400"))).toEqual([]);
  });

  test.each([
    [1440, "light"],
    [1440, "dark"],
    [390, "light"],
    [390, "dark"],
  ] as const)(
    "at %i pixels, %s: nothing is wider than the page, and text stands out",
    async (width, scheme) => {
      await using opened = await open(writable, "", { width, height: 844, scheme });
      const { page, complaints } = opened;
      const views: [hash: string, shown: string][] = [
        ["#/", ".tree-row"],
        [at("folder", "/registry/"), ".folder-detail"],
        [at("key", "/app/config.json"), "pre.value"],
        [at("key", "/app/config.json", "/history"), ".diff"],
        [at("key", hostileKeys[4] ?? ""), "pre.value"],
        ["#/live", ".live-head"],
        ["#/members", ".chart"],
      ];
      for (const [hash, shown] of views) {
        await go(page, hash);
        await page.locator(shown).first().waitFor();
        const { wide, ground, text } = await appearance(page);
        expect({ hash, wide: wide > 0 }).toEqual({ hash, wide: false });
        expect(ground > 0.9).toBe(scheme === "light");
        expect(Math.abs(ground - text)).toBeGreaterThan(0.6);
        const screenshots = process.env["UI_SCREENSHOTS"];
        const name = `${views.findIndex(([each]) => each === hash)}-${width}-${scheme}.png`;
        if (screenshots) await page.screenshot({ path: path.join(screenshots, name) });
      }
      expect(complaints).toEqual([]);
    },
  );

  test("a backup file is shown in the same way", async () => {
    const backup = path.join(folder, "backup.db");
    await runMain(["snapshot", "save", backup], { env: { ETCDCTL_ENDPOINTS: server.endpoint } });
    await using file = await UiPage.start([`--offline=${backup}`]);
    await using opened = await open(file, at("key", "/app/config.json", "/history"));
    const { page, complaints } = opened;
    await page.locator(".diff .added").filter({ hasText: '"port": 2' }).waitFor();
    await go(page, "#/live");
    await page.getByText("nothing changes in a file").waitFor();
    await go(page, "#/members");
    await page.getByText("This is a file").waitFor();
    expect(complaints).toEqual([]);
  });
});
