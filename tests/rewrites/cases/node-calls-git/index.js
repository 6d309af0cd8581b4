const { execFileSync } = require("child_process"); console.log(execFileSync("git", ["--version"]).toString());
