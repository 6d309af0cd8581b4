// The language client: how the server is started, and what it is told.
import * as vscode from "vscode";
import { LanguageClient, type LanguageClientOptions, type ServerOptions } from "vscode-languageclient/node";
import { findInterpreter } from "./python";

export interface ServerCommand {
  command: string;
  args: string[];
  env: NodeJS.ProcessEnv;
}

/** The command that runs `slimstage ARGS`, or undefined when no Python is new enough. */
export async function serverCommand(
  context: vscode.ExtensionContext,
  args: string[],
  tried: string[],
): Promise<ServerCommand | undefined> {
  const resource = vscode.workspace.workspaceFolders?.[0]?.uri;
  const settings = vscode.workspace.getConfiguration("slimstage", resource);
  const interpreter = await findInterpreter(resource, tried);
  if (interpreter === undefined) {
    return undefined;
  }
  const bundled = context.asAbsolutePath("bundled");
  const launcher = vscode.Uri.joinPath(vscode.Uri.file(bundled), "launch.py").fsPath;
  const strategy = settings.get<string>("importStrategy", "useBundled");
  return {
    command: interpreter.command,
    args: [...interpreter.args, launcher, strategy, ...args],
    env: { ...process.env, PYTHONUTF8: "1" },
  };
}

export function makeClient(command: ServerCommand, output: vscode.LogOutputChannel): LanguageClient {
  const executable = { command: command.command, args: command.args, options: { env: command.env } };
  const serverOptions: ServerOptions = { run: executable, debug: executable };
  const clientOptions: LanguageClientOptions = {
    documentSelector: [
      { scheme: "file", language: "dockerfile" },
      { scheme: "untitled", language: "dockerfile" },
      { scheme: "vscode-remote", language: "dockerfile" },
    ],
    outputChannel: output,
    synchronize: {
      configurationSection: "slimstage",
      fileEvents: vscode.workspace.createFileSystemWatcher(
        "**/{.dockerignore,*.dockerignore,requirements*.txt,pyproject.toml,package.json,*lock*}",
      ),
    },
    initializationOptions: initialOptions(),
    markdown: { isTrusted: false, supportHtml: false },
  };
  return new LanguageClient("slimstage", "slimstage", serverOptions, clientOptions);
}

/** Settings at start-up; an untrusted workspace's files are not read. */
export function initialOptions(): Record<string, unknown> {
  const settings = vscode.workspace.getConfiguration("slimstage");
  return { ...JSON.parse(JSON.stringify(settings)), readContext: vscode.workspace.isTrusted };
}
