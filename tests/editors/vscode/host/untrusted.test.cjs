// A workspace the user does not trust: the open text is judged, nothing beside it is read, nothing it names is run.
const { api, assert, at, findings, hovers, open, until, vscode } = require("./help.cjs");

describe("a workspace that is not trusted", () => {
  let document;

  it("still judges, explains and sizes what stands in the text", async () => {
    assert.equal(vscode.workspace.isTrusted, false);
    document = await open("single/Dockerfile");
    await findings(document, (rules) => rules.includes("build-tools-in-final-stage"));
    assert.match((await hovers(document, at(document, "libpq", 2))).join(), /libpq5/);
    const { sizeText } = await api();
    await until(() => /MB$/.test(sizeText() ?? ""));
  });

  it("reads no file beside the Dockerfile, and says so", async () => {
    const { client, sizeTooltip } = await api();
    const report = async () =>
      (await client().sendRequest("slimstage/size", { textDocument: { uri: document.uri.toString() } })).report;
    assert.doesNotMatch(await report(), /psycopg2/);
    assert.match(sizeTooltip(), /Restricted mode/);
    const settings = vscode.workspace.getConfiguration("slimstage");
    await settings.update("severities", { "apt-lists-left": "off" }, vscode.ConfigurationTarget.Global);
    await findings(document, (rules) => rules.length > 0 && !rules.includes("apt-lists-left"));
    assert.doesNotMatch(await report(), /psycopg2/); // new settings do not open the door
    await settings.update("severities", undefined, vscode.ConfigurationTarget.Global);
  });

  it("takes neither interpreter nor knowledge nor network from the workspace", () => {
    const settings = vscode.workspace.getConfiguration("slimstage");
    assert.deepEqual(settings.get("interpreter"), []);
    assert.equal(settings.get("importStrategy"), "useBundled");
    assert.deepEqual(settings.get("knowledge"), []);
    assert.equal(settings.get("online"), false);
    assert.equal(settings.get("sizeHints"), false); // harmless ones hold
  });

  it("offers agents nothing", async () => {
    assert.deepEqual(await (await api()).mcpServers(), []);
  });
});
