const http = require("http");
const ms = require("ms");
http.createServer((q, r) => { r.statusCode = q.url === "/" ? 200 : 404; r.end(`${ms("2 days")} ${process.env.NODE_ENV}\n`); }).listen(4000);
process.on("SIGINT", () => process.exit(0));
