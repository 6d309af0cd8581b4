import express from "express";
import type { Request, Response } from "express";
import { compareSync, hashSync } from "bcrypt";

const app = express();
app.get("/", (_: Request, response: Response) => {
  response.json({ native: compareSync("x", hashSync("x", 4)), node: process.versions.node.split(".")[0] });
});
const server = app.listen(8080);
process.on("SIGTERM", () => server.close(() => process.exit(0)));
