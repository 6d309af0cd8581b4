// An extension that runs one Mocha suite inside the extension host, against the installed slimstage.
// Environment: SUITE (its file), RESULTS (where the JSON goes), MODULES (folder with mocha), PATIENCE (milliseconds), BAIL,
// ONLY (a part of the titles of the tests to run).
const fs = require("node:fs");
const path = require("node:path");

exports.activate = () => {
  const { SUITE, RESULTS, MODULES, PATIENCE, BAIL, ONLY } = process.env;
  if (SUITE === undefined) {
    return;
  }
  const Mocha = require(path.join(MODULES, "mocha"));
  const mocha = new Mocha({
    reporter: "json",
    reporterOptions: { output: `${RESULTS}.part` },
    timeout: Number(PATIENCE),
    bail: BAIL === "1",
    ...(ONLY ? { fgrep: ONLY } : {}),
  });
  mocha.addFile(SUITE);
  mocha.run(() => fs.renameSync(`${RESULTS}.part`, RESULTS)); // the driver sees a whole file or none
};
