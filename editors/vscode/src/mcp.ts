// Offers `slimstage mcp` to the editor's agents, when this editor knows MCP servers and the environment has the extra.
import { execFile } from "node:child_process";
import * as vscode from "vscode";
import { serverCommand } from "./server";

/** Registers the provider; does nothing in an editor without MCP support. */
export function registerMcp(context: vscode.ExtensionContext): void {
  const register = (vscode.lm as Partial<typeof vscode.lm> | undefined)?.registerMcpServerDefinitionProvider;
  if (register === undefined) {
    return;
  }
  const provider: vscode.McpServerDefinitionProvider = {
    provideMcpServerDefinitions: async () => {
      const settings = vscode.workspace.getConfiguration("slimstage");
      if (!settings.get<boolean>("mcp", true) || !vscode.workspace.isTrusted) {
        return [];
      }
      const roots = (vscode.workspace.workspaceFolders ?? []).flatMap((folder) => ["--root", folder.uri.fsPath]);
      const command = await serverCommand(context, ["mcp", ...roots], []);
      if (command === undefined || !(await hasExtra(command.command))) {
        return [];
      }
      return [new vscode.McpStdioServerDefinition("slimstage", command.command, command.args, { PYTHONUTF8: "1" })];
    },
  };
  context.subscriptions.push(register.call(vscode.lm, "slimstage", provider));
}

function hasExtra(python: string): Promise<boolean> {
  return new Promise((resolve) => {
    execFile(python, ["-c", "import mcp.server"], { timeout: 20_000 }, (error) => resolve(error === null));
  });
}
