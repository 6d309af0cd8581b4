// Stands in for the Python extension: as much of its API as slimstage uses, and `choose`, which its user interface does.
const vscode = require("vscode");

exports.activate = () => {
  let chosen = process.env.CHOSEN_PYTHON;
  const changed = new vscode.EventEmitter();
  return {
    environments: {
      getActiveEnvironmentPath: () => ({ id: chosen, path: chosen }),
      resolveEnvironment: async ({ path }) => ({ executable: { uri: vscode.Uri.file(path) } }),
      onDidChangeActiveEnvironmentPath: changed.event,
    },
    choose(path) {
      chosen = path;
      changed.fire({ id: path, path });
    },
  };
};
