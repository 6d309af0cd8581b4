// What the server answers, as VS Code takes it from the installed package.
const { spawn } = require("node:child_process");
const { api, assert, at, findings, hints, hovers, open, set, until, vscode } = require("./help.cjs");

const run = vscode.commands.executeCommand;

describe("the installed package", () => {
  let document;
  before(async () => {
    document = await open("Dockerfile");
  });

  it("runs from the folder of installed extensions", () => {
    const { extensionPath } = vscode.extensions.getExtension("slimstage.slimstage");
    assert.ok(extensionPath.startsWith(process.env.EXTENSIONS), extensionPath);
  });

  it("shows findings", async () => {
    const found = await findings(document, (rules) => rules.includes("unknown-stage"));
    const wrong = found.find((one) => (one.code.value ?? one.code) === "unknown-stage");
    assert.equal(document.getText(wrong.range), "biuld");
    assert.equal(wrong.severity, vscode.DiagnosticSeverity.Warning);
  });

  it("explains a package behind non-ASCII text, in English and Korean", async () => {
    const place = at(document, "libpq-dev", 2);
    assert.match((await hovers(document, place)).join(), /Run-time twin/);
    await set("lang", "ko");
    await until(async () => /런타임 패키지/.test((await hovers(document, place)).join()));
    await set("lang", undefined);
    await until(async () => /Run-time twin/.test((await hovers(document, place)).join()));
  });

  it("completes stages after --from=", async () => {
    const place = at(document, "biuld");
    const found = await run("vscode.executeCompletionItemProvider", document.uri, place, "=");
    const told = found.items.map((item) => `${item.label.label ?? item.label}: ${item.label.description ?? item.detail}`);
    assert.ok(told.includes("build: stage 0, on python:3.11-slim"), told.join("\n")); // the editor itself offers words
  });

  it("mends a misspelt stage", async () => {
    const range = new vscode.Range(at(document, "biuld"), at(document, "biuld", 5));
    const found = await run("vscode.executeCodeActionProvider", document.uri, range, "quickfix", 5);
    const fix = found.find((action) => action.edit && /build/.test(action.title));
    assert.ok(fix, found.map((action) => action.title).join());
    await vscode.workspace.applyEdit(fix.edit);
    assert.match(document.getText(), /--from=build \/install/);
    await findings(document, (rules) => !rules.includes("unknown-stage"));
    await run("undo");
    await findings(document, (rules) => rules.includes("unknown-stage"));
  });

  it("puts sizes at the ends of lines, and takes them away with the setting", async () => {
    const sizes = async () => (await hints(document)).filter((text) => /^\+.*MB/.test(text));
    assert.ok((await sizes()).length >= 2);
    await run("slimstage.showSizes");
    await until(async () => (await sizes()).length === 0);
    await run("slimstage.showSizes");
    await until(async () => (await sizes()).length >= 2);
  });

  it("says above each stage what it weighs", async () => {
    const found = await run("vscode.executeCodeLensProvider", document.uri, 10);
    assert.equal(found.length, 2);
    assert.match(found.map((lens) => lens.command.title).join(), /ships/);
  });

  it("finds, renames and lists stages", async () => {
    const named = at(document, "AS build", 3);
    const edit = await run("vscode.executeDocumentRenameProvider", document.uri, named, "tools");
    assert.ok(edit.get(document.uri).some((one) => one.newText === "tools"));
    const symbols = await run("vscode.executeDocumentSymbolProvider", document.uri);
    assert.ok(symbols.some((symbol) => symbol.name.includes("build")));
  });

  it("follows a rule's severity", async () => {
    await set("severities", { "unknown-stage": "off" });
    await findings(document, (rules) => rules.length > 0 && !rules.includes("unknown-stage"));
    await set("severities", undefined);
    await findings(document, (rules) => rules.includes("unknown-stage"));
  });

  it("leaves hovers to another Docker extension when the setting says so", async () => {
    const docker = vscode.languages.registerHoverProvider("dockerfile", { provideHover: () => new vscode.Hover("Docker's") });
    const place = at(document, "libpq-dev", 2);
    assert.equal((await hovers(document, place)).length, 2);
    await set("hover", false);
    await until(async () => (await hovers(document, place)).join() === "Docker's");
    await set("hover", undefined);
    await until(async () => (await hovers(document, place)).length === 2);
    docker.dispose();
  });

  it("works on a document that is no file yet", async () => {
    const untitled = await vscode.workspace.openTextDocument({
      language: "dockerfile",
      content: 'FROM debian:bookworm-slim AS a\nRUN apt-get update && apt-get install -y libpq-dev\nCOPY --from=b /x /y\n',
    });
    assert.equal(untitled.uri.scheme, "untitled");
    await vscode.window.showTextDocument(untitled);
    await findings(untitled, (rules) => rules.includes("unknown-stage"));
    assert.match((await hovers(untitled, at(untitled, "libpq"))).join(), /libpq5/);
    assert.ok((await hints(untitled)).some((text) => /MB/.test(text)));
    const { sizeText } = await api();
    await until(() => /MB$/.test(sizeText() ?? ""));
    await run("workbench.action.revertAndCloseActiveEditor");
  });

  it("tells the image's size, and when it is above the budget", async () => {
    await open("Dockerfile");
    const { sizeText, sizeTooltip } = await api();
    await until(() => sizeText() === "124.8 MB");
    assert.match(sizeTooltip(), /Estimated/);
    await set("budget", "100MB");
    await until(() => /budget of 100MB/.test(sizeTooltip()));
    await set("budget", undefined);
    await until(() => /Estimated/.test(sizeTooltip()));
  });

  it("opens the size report as a page that nobody need save", async () => {
    await open("Dockerfile");
    await run("slimstage.openSizeReport");
    const report = await until(() => vscode.workspace.textDocuments.find((one) => one.uri.scheme === "slimstage"));
    assert.match(report.getText(), /apt-get update/);
    assert.equal(report.isDirty, false);
    await run("workbench.action.closeActiveEditor");
  });

  it("shows the conversion as a diff, and leaves the file alone when the user does not want it", async () => {
    const single = await open("single/Dockerfile");
    const before = single.getText();
    const done = run("slimstage.slim");
    const shown = () => vscode.window.tabGroups.all.flatMap((group) => group.tabs).find((tab) => tab.input instanceof vscode.TabInputTextDiff);
    const tab = await until(shown);
    const preview = await vscode.workspace.openTextDocument(tab.input.modified);
    assert.match(preview.getText(), /COPY --from=builder \/install \/usr\/local/);
    await until(async () => {
      await run("notifications.clearAll");
      return Promise.race([done, new Promise((resolve) => setTimeout(resolve, 200))]);
    });
    assert.equal(await done, "dismissed");
    assert.equal(shown(), undefined);
    assert.equal(single.getText(), before);
  });

  it("says why there is no conversion", async () => {
    const slim = (await open("slim/Dockerfile")) && run("slimstage.slim");
    assert.equal(await slim, "refused");
  });

  it("runs the command line as a task and lists what it finds", async () => {
    await run("workbench.action.closeAllEditors");
    const file = vscode.Uri.joinPath(vscode.workspace.workspaceFolders[0].uri, "task/Dockerfile");
    assert.deepEqual(vscode.languages.getDiagnostics(file), []);
    const tasks = await vscode.tasks.fetchTasks({ type: "slimstage" });
    assert.deepEqual(tasks.map((task) => task.name), ["check"]);
    const ended = new Promise((resolve) => vscode.tasks.onDidEndTaskProcess((event) => resolve(event.exitCode)));
    await vscode.tasks.executeTask(tasks[0]);
    assert.equal(await ended, 0);
    const found = await until(() => {
      const all = vscode.languages.getDiagnostics(file);
      return all.length > 0 && all;
    });
    const [wrong] = found.filter((one) => one.code === "unknown-stage");
    assert.equal(wrong.range.start.line, 2);
    assert.equal(wrong.severity, vscode.DiagnosticSeverity.Warning);
  });

  it("offers its MCP server, which answers", async () => {
    assert.equal(typeof vscode.lm.registerMcpServerDefinitionProvider, "function");
    const [server, ...more] = await (await api()).mcpServers();
    assert.deepEqual(more, []);
    assert.ok(server instanceof vscode.McpStdioServerDefinition);
    assert.ok(server.args.includes(vscode.workspace.workspaceFolders[0].uri.fsPath));
    const child = spawn(server.command, server.args, { env: { ...process.env, ...server.env } });
    let said = "";
    child.stdout.on("data", (data) => (said += data));
    const params = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "test", version: "0" } };
    child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params })}\n`);
    await until(() => said.includes("\n"));
    child.kill();
    assert.equal(JSON.parse(said.split("\n")[0]).result.serverInfo.name, "slimstage");
    await set("mcp", false);
    assert.deepEqual(await (await api()).mcpServers(), []);
    await set("mcp", undefined);
  });

  it("starts anew by command", async () => {
    const { client } = await api();
    document = await open("Dockerfile");
    const old = client();
    await run("slimstage.restart");
    assert.notEqual(client(), old);
    await findings(document, (rules) => rules.includes("unknown-stage"));
  });
});
