// slimstage for VS Code: starts the language server and puts its answers where the editor has a place for them.
import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import { conversion, slim } from "./convert";
import { registerMcp } from "./mcp";
import { page, registerPages } from "./page";
import { onInterpreterChange } from "./python";
import { makeClient, serverCommand } from "./server";
import { SizeStatus } from "./size";
import { registerTasks } from "./task";

let client: LanguageClient | undefined;
let status: SizeStatus | undefined;
let output: vscode.LogOutputChannel;
let starting: Promise<void> = Promise.resolve();

/** What tests and other extensions may use. */
export interface Api {
  client(): LanguageClient | undefined;
  conversion(document: vscode.TextDocument): Promise<vscode.WorkspaceEdit | undefined>;
  sizeText(): string | undefined;
  sizeTooltip(): string;
  mcpServers(): Promise<vscode.McpStdioServerDefinition[]>;
}

export async function activate(context: vscode.ExtensionContext): Promise<Api> {
  output = vscode.window.createOutputChannel("slimstage", { log: true });
  const size = (status = new SizeStatus(undefined));
  context.subscriptions.push(output, status);
  registerPages(context);
  registerTasks(context);
  const mcpServers = registerMcp(context);
  const command = (id: string, run: () => unknown) =>
    context.subscriptions.push(vscode.commands.registerCommand(`slimstage.${id}`, run));
  const restart = () => (starting = starting.then(() => start(context)));
  command("restart", restart);
  command("showOutput", () => output.show());
  command("slim", slimActive);
  command("showSizes", toggleSizes);
  command("openSizeReport", openSizeReport);
  command("explain", explain);
  context.subscriptions.push(
    vscode.workspace.onDidGrantWorkspaceTrust(restart),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (["interpreter", "importStrategy"].some((key) => event.affectsConfiguration(`slimstage.${key}`))) {
        void restart();
      } else if (event.affectsConfiguration("slimstage.budget")) {
        void size.refresh();
      }
    }),
  );
  await restart();
  void onInterpreterChange(restart).then((subscription) => subscription && context.subscriptions.push(subscription));
  return {
    client: () => client,
    conversion: async (document) => client && conversion(client, document),
    sizeText: () => size.summary?.text,
    sizeTooltip: () => size.tooltip,
    mcpServers,
  };
}

export async function deactivate(): Promise<void> {
  await client?.stop().catch(() => undefined);
}

async function start(context: vscode.ExtensionContext): Promise<void> {
  const old = client;
  client = undefined;
  status?.use(undefined);
  await old?.dispose().catch(() => undefined);
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
  if (!vscode.workspace.isTrusted) {
    output.info(vscode.l10n.t("Restricted mode: the files beside the Dockerfile are not read."));
  }
  client = makeClient(command, output, () => void status?.refresh());
  try {
    await client.start();
    status?.use(client);
  } catch (error) {
    output.error(String(error));
    void vscode.window.showErrorMessage(vscode.l10n.t("slimstage's server did not start; see its output."));
  }
}

/** The editor with a Dockerfile that has the focus; tells the user when there is none. */
function activeDockerfile(): vscode.TextEditor | undefined {
  const editor = vscode.window.activeTextEditor;
  if (editor?.document.languageId === "dockerfile") {
    return editor;
  }
  void vscode.window.showInformationMessage(vscode.l10n.t("Open a Dockerfile first."));
  return undefined;
}

/** The client of the server that runs; tells the user when none does. */
function runningClient(): LanguageClient | undefined {
  if (client === undefined) {
    void vscode.window.showErrorMessage(vscode.l10n.t("slimstage's server did not start; see its output."));
  }
  return client;
}

async function slimActive(): Promise<"applied" | "dismissed" | "refused" | undefined> {
  const editor = activeDockerfile();
  const running = editor && runningClient();
  return running && slim(running, editor);
}

/** Switches sizes at the place where they are set, so that a workspace's own setting is not in the way. */
async function toggleSizes(): Promise<void> {
  const settings = vscode.workspace.getConfiguration("slimstage", vscode.window.activeTextEditor?.document);
  const set = settings.inspect<boolean>("sizeHints");
  const target =
    set?.workspaceFolderValue !== undefined
      ? vscode.ConfigurationTarget.WorkspaceFolder
      : set?.workspaceValue !== undefined
        ? vscode.ConfigurationTarget.Workspace
        : vscode.ConfigurationTarget.Global;
  await settings.update("sizeHints", !settings.get<boolean>("sizeHints", true), target);
}

async function openSizeReport(): Promise<void> {
  const editor = activeDockerfile();
  if (editor === undefined || runningClient() === undefined) {
    return;
  }
  await status?.refresh();
  if (status?.summary === undefined) {
    return;
  }
  const name = editor.document.uri.path.split("/").pop() ?? "";
  const report = page(`${vscode.l10n.t("Size of {0}", name)}.txt`, status.summary.report);
  await vscode.window.showTextDocument(report, { preview: true, viewColumn: vscode.ViewColumn.Beside });
}

async function explain(): Promise<void> {
  const running = runningClient();
  if (running === undefined) {
    return;
  }
  const topics = await running.sendRequest<string[]>("slimstage/topics", {});
  const topic = await vscode.window.showQuickPick(topics, { placeHolder: vscode.l10n.t("What shall slimstage explain?") });
  const text = topic && (await running.sendRequest<string | null>("slimstage/explain", { topic }));
  if (text) {
    await vscode.commands.executeCommand("markdown.showPreview", page(`${topic}.md`, text));
  }
}
