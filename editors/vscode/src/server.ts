// The language client: how the server is started, and what it is told.
import * as vscode from "vscode";
import { LanguageClient, type LanguageClientOptions, type ServerOptions } from "vscode-languageclient/node";
import { findInterpreter } from "./python";

export interface ServerCommand {
  command: string;
  args: string[];
  cwd: string;
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
    command: interpreter.path,
    args: [launcher, strategy, ...args],
    cwd: bundled, // not the workspace: on Windows a program there would come before the one on the PATH
    env: { ...process.env, PYTHONUTF8: "1" },
  };
}

/** A client that was not started yet; `onSettings` is called when the server has taken new settings. */
export function makeClient(command: ServerCommand, output: vscode.LogOutputChannel, onSettings: () => void): LanguageClient {
  const executable = { command: command.command, args: command.args, options: { env: command.env, cwd: command.cwd } };
  const serverOptions: ServerOptions = { run: executable, debug: executable };
  const clientOptions: LanguageClientOptions = {
    documentSelector: [
      { scheme: "file", language: "dockerfile" },
      { scheme: "untitled", language: "dockerfile" },
    ],
    outputChannel: output,
    initializationOptions: withTrust(JSON.parse(JSON.stringify(vscode.workspace.getConfiguration("slimstage")))),
    markdown: { isTrusted: false, supportHtml: false },
    middleware: {
      workspace: {
        // The server asks with the folder each document lies in, so every folder may have settings of its own.
        configuration: async (params, token, next) => {
          const answer = await next(params, token);
          setTimeout(onSettings, 100);
          return Array.isArray(answer) ? answer.map(withTrust) : answer;
        },
        didChangeConfiguration: async () => {
          await client.sendNotification("workspace/didChangeConfiguration", { settings: null });
        },
      },
    },
  };
  const client = new LanguageClient("slimstage", "slimstage", serverOptions, clientOptions);
  return client;
}

/** What the server is told of the settings: an untrusted workspace's files are not to be read. */
function withTrust(settings: object | null): object {
  return { ...settings, readContext: vscode.workspace.isTrusted };
}
