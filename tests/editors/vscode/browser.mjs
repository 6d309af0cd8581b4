// Chromium without a window, driven by puppeteer-core from the folder in DRIVER.
import path from "node:path";
import { createRequire } from "node:module";

const puppeteer = createRequire(path.join(process.env.DRIVER, "package.json"))("puppeteer-core");

/** A browser and its one page, of that size in pixels. */
export async function launch(width, height) {
  const browser = await puppeteer.launch({
    executablePath: "/usr/bin/chromium",
    headless: true,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync", `--window-size=${width},${height}`],
    defaultViewport: { width, height },
  });
  return { browser, page: await browser.newPage() };
}
