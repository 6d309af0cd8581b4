// Which Python runs the server: the setting, the Python extension's choice, or what is on the PATH.
import { execFile } from "node:child_process";
import * as vscode from "vscode";

export interface Interpreter {
  command: string;
  args: string[];
  version: string;
}

const OLDEST = [3, 10];

/** The first usable interpreter (Python 3.10 or newer), or undefined; `tried` collects what was looked at. */
export async function findInterpreter(resource: vscode.Uri | undefined, tried: string[]): Promise<Interpreter | undefined> {
  for (const [command, ...args] of await candidates(resource)) {
    const version = await versionOf(command, args);
    tried.push(`${[command, ...args].join(" ")}: ${version ?? "-"}`);
    if (version !== undefined && isNewEnough(version)) {
      return { command, args, version };
    }
  }
  return undefined;
}

async function candidates(resource: vscode.Uri | undefined): Promise<string[][]> {
  const found: string[][] = [];
  const chosen = vscode.workspace.getConfiguration("slimstage", resource).get<string[]>("interpreter", []);
  if (chosen.length > 0) {
    return [chosen];
  }
  const active = await fromPythonExtension(resource);
  if (active !== undefined) {
    found.push([active]);
  }
  return process.platform === "win32" ? [...found, ["py", "-3"], ["python"]] : [...found, ["python3"], ["python"]];
}

/** The interpreter chosen in the Python extension; it is optional, so its absence is no fault. */
async function fromPythonExtension(resource: vscode.Uri | undefined): Promise<string | undefined> {
  const extension = vscode.extensions.getExtension("ms-python.python");
  if (extension === undefined) {
    return undefined;
  }
  try {
    const api = extension.isActive ? extension.exports : await extension.activate();
    const path = api?.environments?.getActiveEnvironmentPath?.(resource);
    const environment = path && (await api.environments.resolveEnvironment(path));
    return environment?.executable?.uri?.fsPath;
  } catch {
    return undefined;
  }
}

function versionOf(command: string, args: string[]): Promise<string | undefined> {
  const script = "import sys; print('.'.join(map(str, sys.version_info[:3])))";
  return new Promise((resolve) => {
    execFile(command, [...args, "-c", script], { timeout: 15_000 }, (error, stdout) => {
      const version = stdout.trim();
      resolve(error === null && /^\d+\.\d+\.\d+$/.test(version) ? version : undefined);
    });
  });
}

function isNewEnough(version: string): boolean {
  const [major, minor] = version.split(".").map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}
