// `slimstage check` as a task, whose findings the problem matcher puts into the Problems panel.
import * as vscode from "vscode";
import { serverCommand } from "./server";

/** Offers "slimstage: check", and runs tasks of type `slimstage` that users wrote with arguments of their own. */
export function registerTasks(context: vscode.ExtensionContext): void {
  const provider: vscode.TaskProvider = {
    provideTasks: async () => {
      const found = await Promise.all(
        (vscode.workspace.workspaceFolders ?? []).map((folder) => task(context, { type: "slimstage" }, folder)),
      );
      return found.filter((one) => one !== undefined);
    },
    resolveTask: (asked) => task(context, asked.definition, asked.scope),
  };
  context.subscriptions.push(vscode.tasks.registerTaskProvider("slimstage", provider));
}

async function task(
  context: vscode.ExtensionContext,
  definition: vscode.TaskDefinition,
  scope: vscode.Task["scope"],
): Promise<vscode.Task | undefined> {
  const chosen: string[] = definition.arguments ?? [];
  const command = await serverCommand(context, ["check", ...chosen], []);
  if (command === undefined) {
    return undefined;
  }
  const execution = new vscode.ProcessExecution(command.command, command.args, { env: { PYTHONUTF8: "1" } });
  const found = new vscode.Task(definition, scope ?? vscode.TaskScope.Workspace, "check", "slimstage", execution, "$slimstage");
  found.group = vscode.TaskGroup.Test;
  found.presentationOptions = { reveal: vscode.TaskRevealKind.Silent };
  return found;
}
