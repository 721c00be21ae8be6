// Starts the Chromium of this machine without a window, for the tests of the page.
import { existsSync } from "node:fs";
import { chromium, type Browser } from "playwright-core";

const places = [
  process.env["CHROMIUM_BIN"],
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

const found = places.find((file) => file !== undefined && file !== "" && existsSync(file));

export const noChromium = found === undefined ? "no Chromium found" : undefined;

/** Without its sandbox, which root may not use. It only loads our page. */
export function startChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: found ?? "", args: ["--no-sandbox"], timeout: 120_000 });
}
