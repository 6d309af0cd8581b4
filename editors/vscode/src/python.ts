// Which Python runs the server: the setting, the Python extension's choice, or what is on the PATH.
import { execFile } from "node:child_process";
import { homedir } from "node:os";
import * as vscode from "vscode";

export interface Interpreter {
  /** The program itself, absolute: launchers and shims are asked once and left out then. */
  path: string;
  version: string;
}

const OLDEST = [3, 10];

/** The first usable interpreter (Python 3.10 or newer), or undefined; `tried` collects what was looked at. */
export async function findInterpreter(resource: vscode.Uri | undefined, tried: string[]): Promise<Interpreter | undefined> {
  for (const command of await candidates(resource)) {
    const found = await ask(command);
    tried.push(`${command.join(" ")}: ${found?.version ?? "-"}`);
    if (found !== undefined && isNewEnough(found.version)) {
      return found;
    }
  }
  return undefined;
}

/** Calls back when another interpreter is chosen in the Python extension; does nothing without that extension. */
export async function onInterpreterChange(run: () => void): Promise<vscode.Disposable | undefined> {
  try {
    return (await pythonExtension())?.environments?.onDidChangeActiveEnvironmentPath?.(run);
  } catch {
    return undefined;
  }
}

async function candidates(resource: vscode.Uri | undefined): Promise<string[][]> {
  const chosen = vscode.workspace.getConfiguration("slimstage", resource).get<string[]>("interpreter", []);
  if (chosen.length > 0) {
    return [chosen];
  }
  const active = await fromPythonExtension(resource);
  const found = active === undefined ? [] : [[active]];
  return process.platform === "win32" ? [...found, ["py", "-3"], ["python"]] : [...found, ["python3"], ["python"]];
}

/** The interpreter chosen in the Python extension; it is optional, so its absence is no fault. */
async function fromPythonExtension(resource: vscode.Uri | undefined): Promise<string | undefined> {
  try {
    const environments = (await pythonExtension())?.environments;
    const path = environments?.getActiveEnvironmentPath?.(resource);
    const environment = path === undefined ? undefined : await environments?.resolveEnvironment(path);
    return environment?.executable?.uri?.fsPath;
  } catch {
    return undefined;
  }
}

/** What we use of the Python extension's API. */
interface PythonApi {
  environments?: {
    getActiveEnvironmentPath?(resource: vscode.Uri | undefined): unknown;
    resolveEnvironment(path: unknown): Promise<{ executable?: { uri?: vscode.Uri } } | undefined>;
    onDidChangeActiveEnvironmentPath?(listener: () => void): vscode.Disposable;
  };
}

async function pythonExtension(): Promise<PythonApi | undefined> {
  return vscode.extensions.getExtension<PythonApi>("ms-python.python")?.activate();
}

function ask(command: string[]): Promise<Interpreter | undefined> {
  const script = "import sys; print('.'.join(map(str, sys.version_info[:3])), sys.executable)";
  const [program, ...args] = command;
  return new Promise((resolve) => {
    const options = { timeout: 15_000, cwd: homedir(), env: { ...process.env, PYTHONUTF8: "1" } };
    execFile(program, [...args, "-c", script], options, (error, stdout) => {
      const found = /^(\d+\.\d+\.\d+) (.+)$/.exec(stdout.trim());
      resolve(error === null && found !== null ? { version: found[1], path: found[2] } : undefined);
    });
  });
}

function isNewEnough(version: string): boolean {
  const [major, minor] = version.split(".").map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}
