const fs = require("fs");
const http = require("http");
const { execSync } = require("child_process");
const bcrypt = require("bcryptjs");
const finalhandler = require("finalhandler");
const serve = require("serve-static")("public");

fs.writeFileSync("started", bcrypt.hashSync("x", 4));
http.createServer((request, response) => {
  if (request.url === "/check") {
    response.end(execSync("curl --version").toString().split(" ")[0]);
    return;
  }
  serve(request, response, finalhandler(request, response));
}).listen(8080);
