const fs = require("fs"); fs.mkdirSync("out"); fs.writeFileSync("out/app.js", "console.log(1)\n");
