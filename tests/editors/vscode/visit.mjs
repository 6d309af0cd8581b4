// Opens the workbench in Chromium, so that the extension host runs, and stays until the suite's results are there.
// Arguments: the page's address, the results' file, the seconds to wait, and where a screenshot goes when they never come.
import { existsSync } from "node:fs";
import { launch } from "./browser.mjs";

const [address, results, seconds, screenshot] = process.argv.slice(2);
const { browser, page } = await launch(1280, 800);
await page.goto(address, { waitUntil: "domcontentloaded", timeout: 60000 });
const end = Date.now() + 1000 * Number(seconds);
while (!existsSync(results) && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 100));
if (!existsSync(results)) await page.screenshot({ path: screenshot });
await browser.close();
