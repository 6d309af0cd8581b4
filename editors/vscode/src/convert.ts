// "Slim this Dockerfile": the verified rewrite, shown as a diff before it is applied.
import * as vscode from "vscode";

const SCHEME = "slimstage-preview";
const previews = new Map<string, string>();

/** Serves the right-hand side of the diff. */
export function registerPreview(context: vscode.ExtensionContext): void {
  const provider: vscode.TextDocumentContentProvider = {
    provideTextDocumentContent: (uri) => previews.get(uri.toString()) ?? "",
  };
  context.subscriptions.push(vscode.workspace.registerTextDocumentContentProvider(SCHEME, provider));
}

/** Ask the server for its conversion and let the user look at it; resolves to what the user decided. */
export async function slim(editor: vscode.TextEditor): Promise<"applied" | "dismissed" | "refused"> {
  const document = editor.document;
  const edit = await conversion(document);
  if (edit === undefined) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t("slimstage has no verified conversion for this Dockerfile."),
    );
    return "refused";
  }
  const after = applied(document, edit.get(document.uri));
  const preview = vscode.Uri.from({ scheme: SCHEME, path: document.uri.path, query: String(Date.now()) });
  previews.set(preview.toString(), after);
  await vscode.commands.executeCommand(
    "vscode.diff",
    document.uri,
    preview,
    vscode.l10n.t("{0}: multi-stage (preview)", document.uri.path.split("/").pop() ?? ""),
  );
  const apply = vscode.l10n.t("Apply");
  const answer = await vscode.window.showInformationMessage(
    vscode.l10n.t("Apply the multi-stage build to this Dockerfile?"),
    apply,
    vscode.l10n.t("Dismiss"),
  );
  previews.delete(preview.toString());
  if (answer !== apply) {
    return "dismissed";
  }
  await vscode.workspace.applyEdit(edit);
  await vscode.window.showTextDocument(document);
  return "applied";
}

/** The edit of the server's `refactor.rewrite` action, or undefined when it offers none. */
export async function conversion(document: vscode.TextDocument): Promise<vscode.WorkspaceEdit | undefined> {
  const whole = new vscode.Range(0, 0, document.lineCount, 0);
  const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
    "vscode.executeCodeActionProvider",
    document.uri,
    whole,
    vscode.CodeActionKind.RefactorRewrite.value,
    1,
  );
  return actions?.find((action) => action.edit !== undefined)?.edit;
}

function applied(document: vscode.TextDocument, edits: vscode.TextEdit[]): string {
  let text = document.getText();
  const sorted = [...edits].sort((a, b) => b.range.start.compareTo(a.range.start));
  for (const edit of sorted) {
    const [start, end] = [document.offsetAt(edit.range.start), document.offsetAt(edit.range.end)];
    text = text.slice(0, start) + edit.newText + text.slice(end);
  }
  return text;
}
