const fs = require("fs");
fs.mkdirSync("build", { recursive: true });
for (const name of fs.readdirSync("pages")) {
  fs.writeFileSync(`build/${name}.html`, `<h1>${fs.readFileSync(`pages/${name}`, "utf8").trim()}</h1>\n`);
}
