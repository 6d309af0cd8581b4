// A server from the Python environment, chosen in the Python extension. Its version ends in "+environment".
const { api, assert, findings, hovers, at, open, serverVersion, set, until, vscode } = require("./help.cjs");

describe("a server from the environment", () => {
  const other = process.env.OTHER_PYTHON;

  it("is preferred with fromEnvironment, in the interpreter of the Python extension", async () => {
    const document = await open("Dockerfile");
    await findings(document, (rules) => rules.includes("unknown-stage"));
    assert.match(await serverVersion(), /\+environment$/);
    assert.match((await hovers(document, at(document, "libpq-dev", 2))).join(), /libpq5/);
  });

  it("is left for the bundled one with useBundled", async () => {
    await set("importStrategy", "useBundled");
    await until(async () => /^[\d.]+$/.test((await serverVersion()) ?? ""));
    await set("importStrategy", "fromEnvironment");
    await until(async () => /\+environment$/.test((await serverVersion()) ?? ""));
  });

  it("follows the Python extension to an environment without slimstage, where the bundled one serves", async () => {
    const python = await vscode.extensions.getExtension("ms-python.python").activate();
    python.choose(other);
    await until(async () => /^[\d.]+$/.test((await serverVersion()) ?? ""));
    assert.deepEqual(await (await api()).mcpServers(), []); // it has no MCP SDK either
    python.choose(process.env.CHOSEN_PYTHON);
    await until(async () => /\+environment$/.test((await serverVersion()) ?? ""));
  });

  it("gives way to slimstage.interpreter", async () => {
    await set("interpreter", [other]);
    await until(async () => /^[\d.]+$/.test((await serverVersion()) ?? ""));
    await set("interpreter", undefined);
    await until(async () => /\+environment$/.test((await serverVersion()) ?? ""));
  });
});
