// slimstage for VS Code: starts the language server and puts its answers where the editor has a place for them.
import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import { conversion, registerPreview, slim } from "./convert";
import { registerMcp } from "./mcp";
import { initialOptions, makeClient, serverCommand } from "./server";
import { SizeStatus } from "./size";

let client: LanguageClient | undefined;
let status: SizeStatus | undefined;
let output: vscode.LogOutputChannel;

/** What tests and other extensions may use. */
export interface Api {
  client(): LanguageClient | undefined;
  conversion(document: vscode.TextDocument): Promise<vscode.WorkspaceEdit | undefined>;
  sizeText(): string | undefined;
}

export async function activate(context: vscode.ExtensionContext): Promise<Api> {
  output = vscode.window.createOutputChannel("slimstage", { log: true });
  status = new SizeStatus(undefined);
  context.subscriptions.push(output, status);
  registerPreview(context);
  registerMcp(context);
  const command = (id: string, run: () => unknown) =>
    context.subscriptions.push(vscode.commands.registerCommand(`slimstage.${id}`, run));
  command("restart", () => start(context));
  command("showOutput", () => output.show());
  command("slim", () => withEditor(slim));
  command("showSizes", toggleSizes);
  command("openSizeReport", openSizeReport);
  command("explain", explain);
  context.subscriptions.push(
    vscode.workspace.onDidGrantWorkspaceTrust(() => start(context)),
    vscode.workspace.onDidChangeConfiguration((event) => {
      const restarting = ["interpreter", "importStrategy"].some((key) => event.affectsConfiguration(`slimstage.${key}`));
      if (restarting) {
        void start(context);
      } else if (event.affectsConfiguration("slimstage")) {
        void client?.sendNotification("workspace/didChangeConfiguration", { settings: { slimstage: initialOptions() } });
        void status?.refresh();
      }
    }),
  );
  await start(context);
  return { client: () => client, conversion, sizeText: () => status?.summary?.text };
}

export async function deactivate(): Promise<void> {
  await client?.stop().catch(() => undefined);
}

async function start(context: vscode.ExtensionContext): Promise<void> {
  const old = client;
  client = undefined;
  status?.use(undefined);
  await old?.stop().catch(() => undefined);
  const tried: string[] = [];
  const command = await serverCommand(context, ["lsp"], tried);
  if (command === undefined) {
    tried.forEach((line) => output.error(line));
    const open = vscode.l10n.t("Open Settings");
    void vscode.window
      .showErrorMessage(
        vscode.l10n.t("slimstage needs Python 3.10 or newer and found none. Install it, or set slimstage.interpreter."),
        open,
      )
      .then((answer) => answer === open && vscode.commands.executeCommand("workbench.action.openSettings", "slimstage.interpreter"));
    return;
  }
  output.info([command.command, ...command.args].join(" "));
  client = makeClient(command, output);
  try {
    await client.start();
    status?.use(client);
  } catch (error) {
    output.error(String(error));
    void vscode.window.showErrorMessage(vscode.l10n.t("slimstage's server did not start; see its output."));
  }
}

async function withEditor<T>(run: (editor: vscode.TextEditor) => Promise<T>): Promise<T | undefined> {
  const editor = vscode.window.activeTextEditor;
  if (editor?.document.languageId === "dockerfile") {
    return run(editor);
  }
  void vscode.window.showInformationMessage(vscode.l10n.t("Open a Dockerfile first."));
  return undefined;
}

async function toggleSizes(): Promise<void> {
  const settings = vscode.workspace.getConfiguration("slimstage");
  await settings.update("sizeHints", !settings.get<boolean>("sizeHints", true), vscode.ConfigurationTarget.Global);
}

async function openSizeReport(): Promise<void> {
  await status?.refresh();
  if (status?.summary === undefined) {
    void vscode.window.showInformationMessage(vscode.l10n.t("Open a Dockerfile first."));
    return;
  }
  const document = await vscode.workspace.openTextDocument({ content: status.summary.report, language: "plaintext" });
  await vscode.window.showTextDocument(document, { preview: true, viewColumn: vscode.ViewColumn.Beside });
}

async function explain(): Promise<void> {
  const topics = await client?.sendRequest<string[]>("slimstage/topics", {});
  if (topics === undefined) {
    return;
  }
  const topic = await vscode.window.showQuickPick(topics, { placeHolder: vscode.l10n.t("What shall slimstage explain?") });
  const text = topic && (await client?.sendRequest<string | null>("slimstage/explain", { topic }));
  if (text) {
    const document = await vscode.workspace.openTextDocument({ content: text, language: "markdown" });
    await vscode.commands.executeCommand("markdown.showPreview", document.uri);
  }
}
