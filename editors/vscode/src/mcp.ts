// Offers `slimstage mcp` to the editor's agents, when this editor knows MCP servers and the environment has the extra.
import { execFile } from "node:child_process";
import * as vscode from "vscode";
import { serverCommand } from "./server";

/** Registers the provider, in an editor with MCP support; tells what it offers in any. */
export function registerMcp(context: vscode.ExtensionContext): () => Promise<vscode.McpStdioServerDefinition[]> {
  const offered = () => definitions(context);
  const register = (vscode.lm as Partial<typeof vscode.lm> | undefined)?.registerMcpServerDefinitionProvider;
  if (register === undefined) {
    return () => Promise.resolve([]);
  }
  const changed = new vscode.EventEmitter<void>();
  const provider: vscode.McpServerDefinitionProvider = {
    onDidChangeMcpServerDefinitions: changed.event,
    provideMcpServerDefinitions: offered,
  };
  context.subscriptions.push(
    changed,
    register.call(vscode.lm, "slimstage", provider),
    vscode.workspace.onDidGrantWorkspaceTrust(() => changed.fire()),
    vscode.workspace.onDidChangeWorkspaceFolders(() => changed.fire()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (["mcp", "interpreter", "importStrategy"].some((key) => event.affectsConfiguration(`slimstage.${key}`))) {
        changed.fire();
      }
    }),
  );
  return offered;
}

async function definitions(context: vscode.ExtensionContext): Promise<vscode.McpStdioServerDefinition[]> {
  if (!vscode.workspace.getConfiguration("slimstage").get<boolean>("mcp", true) || !vscode.workspace.isTrusted) {
    return [];
  }
  const roots = (vscode.workspace.workspaceFolders ?? []).flatMap((folder) => ["--root", folder.uri.fsPath]);
  const command = await serverCommand(context, ["mcp", ...roots], []);
  if (command === undefined || !(await hasExtra(command.command, command.cwd))) {
    return [];
  }
  return [new vscode.McpStdioServerDefinition("slimstage", command.command, command.args, { PYTHONUTF8: "1" })];
}

function hasExtra(python: string, cwd: string): Promise<boolean> {
  return new Promise((resolve) => {
    execFile(python, ["-c", "import mcp.server"], { timeout: 20_000, cwd }, (error) => resolve(error === null));
  });
}
