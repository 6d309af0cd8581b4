// The status-bar item with the final image's size, and the report behind it.
import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";

interface SizeSummary {
  text: string;
  bytes: number;
  high: number;
  report: string;
}

/** Shows what the open Dockerfile's image weighs; in the colour of warnings above the budget. */
export class SizeStatus implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem("slimstage.size", vscode.StatusBarAlignment.Right, 90);
  private timer: NodeJS.Timeout | undefined;
  private readonly subscriptions: vscode.Disposable[] = [];
  summary: SizeSummary | undefined;

  constructor(private client: LanguageClient | undefined) {
    this.item.name = vscode.l10n.t("Image size");
    this.item.command = "slimstage.openSizeReport";
    this.subscriptions.push(
      vscode.window.onDidChangeActiveTextEditor(() => this.later(0)),
      vscode.workspace.onDidChangeTextDocument((event) => {
        if (event.document === vscode.window.activeTextEditor?.document) {
          this.later(400);
        }
      }),
    );
    this.later(0);
  }

  /** What the pointer over the item shows; empty while it is hidden. */
  get tooltip(): string {
    return this.summary === undefined ? "" : String(this.item.tooltip ?? "");
  }

  use(client: LanguageClient | undefined): void {
    this.client = client;
    this.later(0);
  }

  private later(milliseconds: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.refresh(), milliseconds);
  }

  async refresh(): Promise<void> {
    const document = vscode.window.activeTextEditor?.document;
    if (this.client === undefined || document?.languageId !== "dockerfile") {
      this.summary = undefined;
      this.item.hide();
      return;
    }
    const asked = { textDocument: { uri: document.uri.toString() } };
    // A server from the environment may be older and refuse.
    const told = await this.client.sendRequest<SizeSummary | null>("slimstage/size", asked).catch(() => null);
    if (vscode.window.activeTextEditor?.document !== document) {
      return; // the user went on, and its size is being asked for
    }
    this.summary = told ?? undefined;
    if (this.summary === undefined) {
      this.item.hide();
      return;
    }
    const budget = vscode.workspace.getConfiguration("slimstage", document).get<string>("budget", "");
    const over = this.summary.bytes > (bytesOf(budget) ?? Infinity);
    this.item.text = `$(package) ${this.summary.text}`;
    const said = over
      ? vscode.l10n.t("The final image is over its budget of {0}", budget)
      : vscode.l10n.t("Estimated size of the final image");
    const restricted = vscode.l10n.t("Restricted mode: the files beside the Dockerfile are not read.");
    this.item.tooltip = vscode.workspace.isTrusted ? said : `${said}\n${restricted}`;
    this.item.backgroundColor = over ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
    this.item.show();
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.item.dispose();
    vscode.Disposable.from(...this.subscriptions).dispose();
  }
}

/** "150MB", "1.2 GB" or "150000000" as bytes; undefined for anything else. */
export function bytesOf(text: string): number | undefined {
  const found = /^\s*([\d.]+)\s*(k|M|G)?B?\s*$/i.exec(text);
  if (found === null) {
    return undefined;
  }
  const factor = { "": 1, K: 1e3, M: 1e6, G: 1e9 }[(found[2] ?? "").toUpperCase()] ?? 1;
  return Number(found[1]) * factor;
}
