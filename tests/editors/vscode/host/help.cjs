// What the suites share.
const assert = require("node:assert/strict");
const path = require("node:path");
const vscode = require("vscode");

const { WORKSPACE, PATIENCE } = process.env;

/** The extension's API, once it is active. */
const api = () => vscode.extensions.getExtension("slimstage.slimstage").activate();

/** Opens a file of the workspace (a path below it, or absolute) in an editor. */
async function open(file) {
  const document = await vscode.workspace.openTextDocument(path.resolve(WORKSPACE, file));
  await vscode.window.showTextDocument(document, { preview: false }); // in a tab that the next one does not replace
  return document;
}

let begun = 0;
beforeEach(() => {
  begun = Date.now();
});

/** The first true value of `test`; fails with what `seen` says shortly before Mocha's timeout would. */
async function until(test, seen = () => "nothing") {
  const end = begun + Number(PATIENCE) - 500;
  for (;;) {
    const value = await test();
    if (value) {
      return value;
    }
    assert.ok(Date.now() < end, `waited in vain for ${test}; there was ${JSON.stringify(await seen())}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Waits until the rules of slimstage's findings in a document satisfy `test`. */
function findings(document, test) {
  const all = () => vscode.languages.getDiagnostics(document.uri).filter((one) => one.source === "slimstage");
  const rules = () => all().map((one) => (typeof one.code === "object" ? one.code.value : one.code));
  return until(
    () => test(rules()) && all(),
    () => [document.uri.toString(), test.toString(), rules()],
  );
}

/** Where `needle` stands in a document. */
const at = (document, needle, offset = 0) => document.positionAt(document.getText().indexOf(needle) + offset);

/** The texts of all hovers at a position. */
async function hovers(document, position) {
  const found = await vscode.commands.executeCommand("vscode.executeHoverProvider", document.uri, position);
  return found.map((hover) => hover.contents.map((one) => one.value ?? one).join("\n"));
}

/** The texts of the hints in a whole document. */
async function hints(document) {
  const range = new vscode.Range(0, 0, document.lineCount, 0);
  const found = await vscode.commands.executeCommand("vscode.executeInlayHintProvider", document.uri, range);
  return found.map((hint) => (typeof hint.label === "string" ? hint.label : hint.label.map((part) => part.value).join("")));
}

/** A setting, in the workspace's file unless said otherwise; undefined takes it away. */
const set = (key, value, target = vscode.ConfigurationTarget.Workspace, resource = undefined) =>
  vscode.workspace.getConfiguration("slimstage", resource).update(key, value, target);

/** The version of the server that runs. */
const serverVersion = async () => (await api()).client()?.initializeResult?.serverInfo?.version;

module.exports = { api, assert, at, findings, hints, hovers, open, serverVersion, set, until, vscode, WORKSPACE };
