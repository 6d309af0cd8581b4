// Texts to look at that are no files: nobody is asked to save them.
import * as vscode from "vscode";

const SCHEME = "slimstage";
const texts = new Map<string, string>();
const changed = new vscode.EventEmitter<vscode.Uri>();

/** Serves them to the editor. */
export function registerPages(context: vscode.ExtensionContext): void {
  const provider: vscode.TextDocumentContentProvider = {
    onDidChange: changed.event,
    provideTextDocumentContent: (uri) => texts.get(uri.toString()) ?? "",
  };
  context.subscriptions.push(
    changed,
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, provider),
    vscode.workspace.onDidCloseTextDocument((document) => texts.delete(document.uri.toString())),
  );
}

/** The place of a text; `path` ends in the name that its tab shows. */
export function page(path: string, text: string): vscode.Uri {
  const uri = vscode.Uri.from({ scheme: SCHEME, path: path.startsWith("/") ? path : `/${path}` });
  texts.set(uri.toString(), text);
  changed.fire(uri);
  return uri;
}
