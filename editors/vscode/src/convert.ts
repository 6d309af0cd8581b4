// "Slim this Dockerfile": the verified rewrite, shown as a diff before it is applied.
import * as vscode from "vscode";
import { CodeActionRequest, type LanguageClient } from "vscode-languageclient/node";
import { page } from "./page";

/** What the server says of the conversion; sizes are texts such as "124.8 MB", or null when nobody knows. */
interface Outcome {
  reason: string | null;
  before: string | null;
  after: string | null;
}

/** Ask the server for its conversion and let the user look at it; resolves to what the user decided. */
export async function slim(client: LanguageClient, editor: vscode.TextEditor): Promise<"applied" | "dismissed" | "refused"> {
  const document = editor.document;
  const [edit, outcome] = await Promise.all([conversion(client, document), outcomeOf(client, document)]);
  if (edit === undefined) {
    const none = vscode.l10n.t("slimstage has no verified conversion for this Dockerfile.");
    void vscode.window.showInformationMessage([none, outcome?.reason].filter(Boolean).join(" "));
    return "refused";
  }
  const name = document.uri.path.split("/").pop() ?? "";
  const preview = page(`${document.uri.path}.${document.version}.dockerfile`, applied(document, edit.get(document.uri)));
  await vscode.commands.executeCommand(
    "vscode.diff",
    document.uri,
    preview,
    vscode.l10n.t("{0}: multi-stage (preview)", name),
  );
  const apply = vscode.l10n.t("Apply");
  const sizes = outcome?.before && outcome.after ? ` ${whole(outcome.before)} → ${whole(outcome.after)}` : "";
  const answer = await vscode.window.showInformationMessage(
    vscode.l10n.t("Apply the multi-stage build to this Dockerfile?") + sizes,
    apply,
    vscode.l10n.t("Dismiss"),
  );
  await closeDiff(preview);
  if (answer !== apply) {
    return "dismissed";
  }
  await vscode.workspace.applyEdit(edit);
  await vscode.window.showTextDocument(document);
  return "applied";
}

/** The edit of the server's `refactor.rewrite` action, or undefined when it offers none. */
export async function conversion(
  client: LanguageClient,
  document: vscode.TextDocument,
): Promise<vscode.WorkspaceEdit | undefined> {
  const actions = await client.sendRequest(CodeActionRequest.type, {
    textDocument: { uri: client.code2ProtocolConverter.asUri(document.uri) },
    range: { start: { line: 0, character: 0 }, end: { line: document.lineCount, character: 0 } },
    context: { diagnostics: [], only: [vscode.CodeActionKind.RefactorRewrite.value] },
  });
  for (const action of actions ?? []) {
    if ("edit" in action && action.edit !== undefined) {
      return client.protocol2CodeConverter.asWorkspaceEdit(action.edit);
    }
  }
  return undefined;
}

async function outcomeOf(client: LanguageClient, document: vscode.TextDocument): Promise<Outcome | undefined> {
  const uri = client.code2ProtocolConverter.asUri(document.uri);
  try {
    return (await client.sendRequest<Outcome | null>("slimstage/conversion", { textDocument: { uri } })) ?? undefined;
  } catch {
    return undefined; // a server from the environment may be older
  }
}

async function closeDiff(preview: vscode.Uri): Promise<void> {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  const shown = tabs.filter(
    ({ input }) => input instanceof vscode.TabInputTextDiff && input.modified.toString() === preview.toString(),
  );
  await vscode.window.tabGroups.close(shown);
}

/** A figure that stays on one line with its unit. */
function whole(size: string): string {
  return size.replace(" ", "\u00a0");
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
