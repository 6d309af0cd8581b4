const fs = require("fs");
fs.writeFileSync("public/app.js", fs.readFileSync("assets/app.js", "utf8").replace("VERSION", "1.2.3"));
