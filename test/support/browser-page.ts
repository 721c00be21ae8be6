// The page of `etcdctl ui` opened in a browser. Code that runs in the browser is text here: the tests are compiled for Node.
import type { Browser, Page } from "playwright-core";
import type { UiPage } from "./ui-page";

const patienceMs = 90_000;

export interface Look {
  readonly width?: number;
  readonly height?: number;
  readonly scheme?: "light" | "dark";
}

export interface OpenedPage extends AsyncDisposable {
  readonly page: Page;
  /** Errors on the console, dialogs and requests to elsewhere: there should be none. */
  readonly complaints: string[];
}

/** Resolves when the tree is there, and shows what `hash` names. */
export async function openPage(
  browser: Browser,
  ui: UiPage,
  hash = "",
  { width = 1440, height = 900, scheme = "light" }: Look = {},
): Promise<OpenedPage> {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme });
  context.setDefaultTimeout(patienceMs);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("dialog", (dialog) => {
    complaints.push(`dialog ${dialog.message()}`);
    dialog.dismiss().catch(() => undefined);
  });
  page.on("request", (request) => {
    const isDownload = request.url().startsWith("blob:");
    if (!isDownload && !request.url().startsWith(`${ui.origin}/`))
      complaints.push(`request to ${request.url()}`);
  });
  await page.goto(ui.io.stdout.text.trim());
  await page.locator("[role=tree]:focus").waitFor();
  if (hash !== "") await go(page, hash);
  return { page, complaints, [Symbol.asyncDispose]: () => context.close() };
}

export async function go(page: Page, hash: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
}

/** What can have the focus but does not get it from the tab key. */
export async function unreachable(page: Page): Promise<string[]> {
  const wanted = await page.evaluate<number>(`(() => {
    const all = document.querySelectorAll("a[href], button:not([disabled]), input, textarea, [tabindex='0']");
    const visible = Array.from(all).filter((element) => element.checkVisibility());
    visible.forEach((element) => element.setAttribute("data-wanted", "1"));
    return visible.length;
  })()`);
  for (let step = 0; step < wanted + 20; step++) {
    await page.keyboard.press("Tab");
    await page.evaluate(`document.activeElement?.removeAttribute("data-wanted")`);
  }
  return page.evaluate<string[]>(`Array.from(document.querySelectorAll("[data-wanted]"))
    .filter((element) => element.checkVisibility())
    .map((element) => element.outerHTML.slice(0, 200))`);
}

/** How much wider than the window the page is, and how light its ground and its text are, from 0 to 1. */
export function appearance(page: Page): Promise<{ wide: number; ground: number; text: number }> {
  return page.evaluate<{ wide: number; ground: number; text: number }>(`(() => {
    const light = (color) => color.match(/\\d+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) / 765;
    const { backgroundColor, color } = getComputedStyle(document.body);
    const wide = document.documentElement.scrollWidth - window.innerWidth;
    return { wide, ground: light(backgroundColor), text: light(color) };
  })()`);
}
