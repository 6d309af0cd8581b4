import { createServer } from "http";

const { until } = require("@clocks/clock");
const server = createServer((request, response) => {
  response.statusCode = request.url === "/" ? 200 : 404;
  response.end(`in ${until(90)}\n`);
});
server.listen(3000);
process.on("SIGTERM", () => process.exit(0));
