// An editor in Korean: the language pack in use translates nothing of the editor's own, only slimstage speaks Korean.
const { api, assert, at, findings, hovers, open, until, vscode } = require("./help.cjs");

describe("an editor in Korean", () => {
  it("shows the extension's titles and settings in Korean", () => {
    assert.equal(vscode.env.language, "ko");
    const { displayName, contributes } = vscode.extensions.getExtension("slimstage.slimstage").packageJSON;
    assert.equal(displayName, "Dockerfile을 위한 slimstage");
    assert.ok(contributes.commands.every((command) => /[가-힣]/.test(command.title.value)));
    const settings = Object.values(contributes.configuration.properties);
    assert.ok(settings.every((setting) => /[가-힣]/.test(setting.markdownDescription)));
  });

  it("has the server answer in Korean, without a setting that says so", async () => {
    const document = await open("Dockerfile");
    const found = await findings(document, (rules) => rules.includes("unknown-stage"));
    assert.ok(found.every((one) => /[가-힣]/.test(one.message)));
    assert.match((await hovers(document, at(document, "libpq-dev", 2))).join(), /런타임 패키지/);
  });

  it("speaks Korean itself", async () => {
    const { sizeTooltip } = await api();
    await until(() => sizeTooltip() === "최종 이미지의 예상 크기");
  });
});
