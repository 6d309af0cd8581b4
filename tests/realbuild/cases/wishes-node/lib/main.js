const fs = require("fs");
const http = require("http");
const bcrypt = require("bcrypt");

const hash = bcrypt.hashSync("secret", 4);
const server = http.createServer((request, response) => {
  response.statusCode = request.url === "/" ? 200 : 404;
  const words = fs.readFileSync("data/words.txt", "utf8").split("\n").join(" ");
  const time = new Date(0).toLocaleString("de-DE", { timeZone: "Asia/Seoul" });
  response.end(`${words}${bcrypt.compareSync("secret", hash)} ${time} ${process.env.NODE_ENV} ${process.getuid()}\n`);
});
server.listen(4000);
process.on("SIGTERM", () => process.exit(0));
