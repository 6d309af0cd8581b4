// Drives the real workbench in Chromium: what a user of the installed extension sees. Prints JSON; screenshots go to SHOTS.
// Environment: PORT, WORKSPACE, SHOTS, DRIVER (folder with puppeteer-core), EXTENSIONS (where they are installed),
// SCENARIO (one of `scenarios` below).
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { launch } from "./browser.mjs";

const { PORT, WORKSPACE, SHOTS, SCENARIO } = process.env;
const seen = {};
const { browser, page } = await (SCENARIO === "readme" ? launch(1240, 440) : launch(1400, 860));

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const texts = (selector) => page.$$eval(selector, (all) => all.map((one) => one.textContent.replace(/\u00a0/g, " ").trim()));
const shot = (name) => page.screenshot({ path: path.join(SHOTS, `${SCENARIO}-${name}.png`) });
const text = () => page.$eval(".editor-group-container .monaco-editor .view-lines", (one) =>
  [...one.querySelectorAll(".view-line")].sort((a, b) => parseInt(a.style.top) - parseInt(b.style.top))
    .map((line) => line.textContent.replace(/\u00a0/g, " ")).join("\n"));

async function until(what, test, timeout = 30000) {
  const end = Date.now() + timeout;
  for (;;) {
    const value = await test().catch(() => undefined);
    if (value) return value;
    if (Date.now() > end) throw new Error(`timed out: ${what}`);
    await pause(150);
  }
}

/** The processes of the server of this code-server's extensions. */
const servers = () =>
  spawnSync("pgrep", ["-f", `${process.env.EXTENSIONS}.*launch.py`], { encoding: "utf8" }).stdout.split("\n").filter(Boolean).map(Number);

async function clickButton(within, label) {
  return until(`the button ${label}`, async () => {
    for (const button of await page.$$(`${within} .monaco-button`)) {
      if (label.test(await button.evaluate((one) => one.textContent))) {
        await button.click();
        return true;
      }
    }
    return undefined;
  });
}

async function step(name, run) {
  try {
    seen[name] = await run();
  } catch (error) {
    seen[name] = { failed: String(error.message).split("\n")[0] };
    await shot(`failed-${name}`).catch(() => {});
  }
}

async function keys(...names) {
  const last = names.pop();
  for (const name of names) await page.keyboard.down(name);
  await page.keyboard.press(last);
  for (const name of names.reverse()) await page.keyboard.up(name);
}

async function goTo(line, column) {
  await keys("Control", "KeyG");
  await page.waitForSelector(".quick-input-widget input", { visible: true });
  await page.keyboard.type(`${line}:${column}`, { delay: 8 });
  await page.keyboard.press("Enter");
  await pause(400);
}

async function command(title) {
  await keys("F1");
  await page.waitForSelector(".quick-input-widget input", { visible: true });
  await page.keyboard.type(title, { delay: 8 });
  await pause(700);
  await page.keyboard.press("Enter");
  await pause(500);
}

async function open(file) {
  const target = `vscode-remote://127.0.0.1:${PORT}${path.join(WORKSPACE, file)}`;
  const payload = encodeURIComponent(JSON.stringify([["openFile", target]]));
  await page.goto(`http://127.0.0.1:${PORT}/?folder=${WORKSPACE}&payload=${payload}`, { waitUntil: "domcontentloaded" });
  await page.waitForSelector(".editor-group-container .monaco-editor .view-line", { timeout: 90000 });
}

/** The middle of a text on the screen, in pixels. */
async function placeOf(needle) {
  const place = await page.evaluate((wanted) => {
    const walker = document.createTreeWalker(document.querySelector(".editor-group-container .monaco-editor .view-lines"), NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const index = walker.currentNode.textContent.replace(/\u00a0/g, " ").indexOf(wanted);
      if (index >= 0) {
        const range = document.createRange();
        range.setStart(walker.currentNode, index);
        range.setEnd(walker.currentNode, index + wanted.length);
        const box = range.getBoundingClientRect();
        return [box.x + box.width / 2, box.y + box.height / 2];
      }
    }
    return null;
  }, needle);
  if (!place) throw new Error(`not on screen: ${needle}`);
  return place;
}

async function hoverOn(needle, expected) {
  let tries = 0;
  return until(`hover on ${needle}`, async () => {
    if (tries++ % 20 === 0) { // the pointer may come before the editor is ready, and lenses may still move the lines
      const place = await placeOf(needle);
      await page.mouse.move(place[0] + 30, place[1] + 60);
      await page.mouse.move(...place, { steps: 4 });
    }
    const all = (await texts(".monaco-hover:not(.hidden) .hover-contents")).filter(Boolean);
    return expected.test(all.join("\n")) ? all.join("\n") : undefined;
  });
}

const scenarios = {
  async main() {
    await open("Dockerfile");
    await step("squiggles", async () => {
      await page.waitForSelector(".squiggly-warning", { timeout: 60000 });
      return (await page.$$(".squiggly-warning, .squiggly-error")).length;
    });
    await step("statusBar", () => until("size in the status bar", async () =>
      (await texts(".statusbar-item")).find((one) => /\d (MB|GB|kB)/.test(one))));
    await step("inlay", () => until("sizes at line ends", async () => (/\+\s?[\d.]+.*MB/.test(await text()) ? text() : undefined)));
    await step("lens", () => until("code lens", async () => {
      const all = await texts(".codelens-decoration");
      return all.some((one) => /build|ship|use/i.test(one)) ? all : undefined;
    }));
    await shot("1-open");
    await page.click(".editor-group-container .monaco-editor .view-lines");
    await step("hover", () => hoverOn("libpq", /libpq5/));
    await shot("2-hover");
    await page.mouse.move(1200, 700);
    await step("completionInvoked", async () => {
      await goTo(11, 13);
      await keys("Control", "Space");
      await page.waitForSelector(".suggest-widget.visible .monaco-list-row");
      await pause(500);
      const rows = await texts(".suggest-widget.visible .monaco-list-row");
      await shot("3-completion");
      await page.keyboard.press("Escape");
      return rows;
    });
    await step("completionTyped", async () => {
      await goTo(11, 1);
      await page.keyboard.press("End");
      await page.keyboard.press("Enter");
      await page.keyboard.type("COPY --from", { delay: 25 });
      await page.keyboard.press("Escape");
      await page.keyboard.type("=", { delay: 25 });
      await page.waitForSelector(".suggest-widget.visible .monaco-list-row");
      await pause(500);
      const rows = await texts(".suggest-widget.visible .monaco-list-row");
      await page.keyboard.press("Escape");
      await keys("Control", "Shift", "KeyK"); // delete the line again
      return rows;
    });
    await step("quickFix", async () => {
      await until("the list of fixes", async () => {
        await goTo(11, 15); // the keys are lost while the editor is still asking for its light bulb
        await keys("Control", "Period");
        return page.waitForSelector(".action-widget .monaco-list-row.action", { timeout: 6000 });
      }, 40000);
      await pause(400);
      const rows = await texts(".action-widget .monaco-list-row.action");
      await shot("4-quickfix");
      await page.keyboard.press("Enter");
      await until("fix", async () => /--from=build /.test(await text()));
      return rows;
    });
    await step("problems", async () => {
      await keys("Control", "Shift", "KeyM");
      await page.waitForSelector(".markers-panel .monaco-list-row");
      await pause(400);
      const rows = await texts(".markers-panel .monaco-list-row");
      await shot("5-problems");
      await keys("Control", "Shift", "KeyM");
      return rows;
    });
    await step("settingsChange", async () => {
      const shown = async () => /\+[\d.]+ MB/.test(await text());
      await command("slimstage: Show or Hide Sizes");
      await until("sizes hidden", async () => !(await shown()));
      const without = await text();
      await command("slimstage: Show or Hide Sizes");
      await until("sizes shown again", shown);
      return without;
    });
    await step("crash", async () => {
      // The server dies; the client starts it again, and what is typed then is judged by the new one.
      const old = servers();
      old.forEach((pid) => process.kill(pid, "SIGKILL"));
      await until("a new server", async () => servers().some((pid) => !old.includes(pid)));
      await goTo(12, 1);
      await page.keyboard.press("End");
      await page.keyboard.press("Enter");
      await page.keyboard.type("COPY --from=biuld /a /b", { delay: 15 });
      await page.keyboard.press("Escape");
      await keys("Control", "Shift", "KeyM");
      const rows = await until("the new finding", async () => {
        const all = await texts(".markers-panel .monaco-list-row");
        return all.some((one) => /biuld/.test(one)) ? all : undefined;
      });
      await keys("Control", "Shift", "KeyM");
      return rows.length;
    });
    await step("restart", async () => {
      await command("slimstage: Restart Server");
      await pause(1500);
      return until("findings after the restart", async () => (await page.$$(".squiggly-warning")).length);
    });
    await step("convert", async () => {
      await open("single/Dockerfile");
      await page.waitForSelector(".squiggly-warning", { timeout: 60000 });
      await page.click(".editor-group-container .monaco-editor .view-lines");
      await command("slimstage: Slim This Dockerfile");
      await page.waitForSelector(".monaco-diff-editor .view-line", { timeout: 30000 });
      await pause(1500);
      await shot("6-conversion-preview");
      const preview = (await texts(".monaco-diff-editor .modified .view-line")).join("\n");
      await clickButton(".notification-toast", /Apply/);
      await pause(1500);
      const after = await text();
      await shot("7-converted");
      return { preview, after };
    });
    await step("sizeReport", async () => {
      await command("slimstage: Open Size Report");
      const report = await until("the report", async () => {
        const all = await texts(".monaco-editor .view-line");
        return all.some((one) => /^\s*\d+\s+[\d.]+ MB\s+FROM/.test(one)) && all.join("\n");
      });
      await shot("8-size-report");
      return report;
    });
    await step("explain", async () => {
      await command("slimstage: Explain");
      await page.keyboard.type("multi-stage-build", { delay: 8 });
      await pause(500);
      await page.keyboard.press("Enter");
      const tab = await until("the page", async () => (await texts(".tab")).find((one) => /multi-stage-build/.test(one)));
      await pause(1500); // for the picture
      await shot("9-explain");
      return tab;
    });
  },

  async korean() {
    await open("Dockerfile");
    await page.waitForSelector(".squiggly-warning", { timeout: 60000 });
    await step("hover", () => hoverOn("UNDEFINED_THING", /정의/));
    await step("hoverPackage", async () => { await page.mouse.move(1200, 700); await pause(400); return hoverOn("libpq", /libpq5/); });
    await shot("1-hover");
    await page.mouse.move(1200, 700);
    await step("problems", async () => {
      await page.click(".editor-group-container .monaco-editor .view-lines");
      await keys("Control", "Shift", "KeyM");
      await page.waitForSelector(".markers-panel .monaco-list-row");
      await pause(400);
      await shot("2-problems");
      return texts(".markers-panel .monaco-list-row");
    });
    await step("question", async () => {
      await open("single/Dockerfile");
      await page.waitForSelector(".squiggly-warning", { timeout: 60000 });
      await page.click(".editor-group-container .monaco-editor .view-lines");
      await command("slimstage: 이 Dockerfile 가볍게 만들기");
      const asked = await until("the question", async () =>
        (await texts(".notification-toast .notification-list-item-message")).find((one) => /적용할까요/.test(one)));
      await pause(1000);
      await shot("3-conversion");
      return asked;
    });
  },

  async restricted() {
    await open("single/Dockerfile");
    const size = () => until("size in the status bar", async () =>
      (await texts(".statusbar-item")).find((one) => /\d (MB|GB|kB)/.test(one)));
    await step("size", size);
    await step("message", async () => {
      await page.hover("[id='slimstage.slimstage.slimstage.size']");
      return until("the tooltip", async () => (await texts(".monaco-hover")).find((one) => /Restricted/.test(one)));
    });
    await shot("1-size");
    await step("trusted", async () => {
      const before = await size();
      await page.mouse.move(700, 500);
      await command("Workspaces: Manage Workspace Trust");
      await clickButton(".workspace-trust-editor", /^Trust$/);
      await until("no restriction", async () => !(await texts(".statusbar-item")).some((one) => /Restricted/.test(one)));
      await keys("Control", "KeyP");
      await page.waitForSelector(".quick-input-widget input", { visible: true });
      await page.keyboard.type("single/Dockerfile", { delay: 8 });
      await pause(700);
      await page.keyboard.press("Enter");
      return until("another size", async () => { const now = await size(); return now === before ? undefined : now; });
    });
  },

  async walkthrough() {
    await open("single/Dockerfile");
    await page.waitForSelector(".squiggly-warning", { timeout: 60000 });
    await command("Welcome: Open Walkthrough");
    await page.keyboard.type("Slim your first", { delay: 8 });
    await pause(500);
    await page.keyboard.press("Enter");
    await step("steps", () => until("the walkthrough", async () => {
      const all = await texts(".getting-started-step .step-title");
      return all.length > 2 && all;
    }));
    await pause(1500); // for the picture
    await shot("1-steps");
    await step("picture", () => until("the picture", () =>
      page.$eval(".getting-started-media img", (one) => one.complete && one.naturalWidth)));
  },

  async agents() {
    await open("single/Dockerfile");
    await page.waitForSelector(".squiggly-warning", { timeout: 60000 });
    await step("servers", async () => {
      await command("MCP: List Servers");
      return until("the list of servers", async () => {
        const all = await texts(".quick-input-list .monaco-list-row");
        return all.some((one) => /slimstage/.test(one)) && all;
      });
    });
    await shot("1-servers");
  },

  // The pictures of the extension's README.
  async readme() {
    const save = (name) => page.screenshot({ path: path.join(SHOTS, `${name}.png`) });
    await open("single/Dockerfile");
    await page.waitForSelector(".squiggly-warning", { timeout: 60000 });
    await until("sizes at line ends", async () => /\+[\d.]+ MB/.test(await text()));
    await until("size in the status bar", async () => (await texts(".statusbar-item")).some((one) => /\d MB/.test(one)));
    await until("code lens", async () => (await texts(".codelens-decoration")).some((one) => /ships/.test(one)));
    await page.click(".editor-group-container .monaco-editor .view-lines");
    await keys("Control", "KeyB"); // without the explorer
    await goTo(10, 1);
    await save("sizes");
    await step("hover", () => hoverOn("libpq", /libpq5/));
    await pause(500);
    await save("hover");
    await page.mouse.move(900, 400);
    await command("slimstage: Slim This Dockerfile");
    await page.waitForSelector(".monaco-diff-editor .view-line", { timeout: 30000 });
    await page.waitForSelector(".notification-toast .monaco-button");
    await pause(1500);
    await save("conversion");
    await clickButton(".notification-toast", /Dismiss/);
    fs.mkdirSync(path.join(WORKSPACE, ".vscode"));
    fs.writeFileSync(path.join(WORKSPACE, ".vscode", "settings.json"), JSON.stringify({ "slimstage.lang": "ko" }));
    await until("Korean", async () => (await texts(".codelens-decoration")).some((one) => /이미지/.test(one)));
    await step("korean", () => hoverOn("libpq", /런타임/));
    await pause(500);
    await save("korean");
  },

  // What `main` does first, with a server that does not start: it must not be seen to work.
  async broken() {
    await open("Dockerfile");
    await step("squiggles", () => page.waitForSelector(".squiggly-warning", { timeout: 8000 }));
  },

  async nopython() {
    await open("Dockerfile");
    await step("message", () => until("notification", async () => {
      const all = await texts(".notification-toast .notification-list-item-message");
      return all.find((one) => /Python/.test(one));
    }, 60000));
    await shot("1-message");
  },
};

try {
  await scenarios[SCENARIO]();
} catch (error) {
  seen.error = String(error);
  await shot("failed").catch(() => {});
} finally {
  await browser.close();
}
console.log(JSON.stringify(seen));
