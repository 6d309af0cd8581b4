// A workspace of several folders, each with settings of its own.
const path = require("node:path");
const { assert, findings, hints, open, set, vscode, until, WORKSPACE } = require("./help.cjs");

describe("a workspace of several folders", () => {
  const sizes = async (document) => (await hints(document)).some((text) => /^\+.*MB/.test(text));

  it("judges each folder's files by that folder's settings", async () => {
    assert.deepEqual(vscode.workspace.workspaceFolders.map((folder) => folder.name), ["shop", "blog"]);
    const shop = await open("shop/Dockerfile");
    await findings(shop, (rules) => rules.includes("unknown-stage"));
    assert.ok(await sizes(shop));
    const blog = await open("blog/Dockerfile");
    await findings(blog, (rules) => rules.length > 0 && !rules.includes("unknown-stage"));
    assert.ok(!(await sizes(blog)));
    await findings(shop, (rules) => rules.includes("unknown-stage"));
  });

  it("takes changed settings of one folder for that folder only", async () => {
    const [shop, blog] = [await open("shop/Dockerfile"), await open("blog/Dockerfile")];
    await set("severities", { "undefined-variable": "off" }, vscode.ConfigurationTarget.WorkspaceFolder, shop.uri);
    await findings(shop, (rules) => rules.includes("unknown-stage") && !rules.includes("undefined-variable"));
    await findings(blog, (rules) => rules.includes("undefined-variable") && !rules.includes("unknown-stage"));
    await set("severities", undefined, vscode.ConfigurationTarget.WorkspaceFolder, shop.uri);
    await findings(shop, (rules) => rules.includes("undefined-variable"));
  });

  it("takes the settings of a folder that is added", async () => {
    const added = vscode.Uri.file(path.join(WORKSPACE, "added"));
    const document = await open("added/Dockerfile");
    await findings(document, (rules) => rules.includes("unknown-stage"));
    vscode.workspace.updateWorkspaceFolders(2, 0, { uri: added });
    await findings(document, (rules) => rules.length > 0 && !rules.includes("unknown-stage"));
    await until(async () => !(await sizes(document)));
  });
});
