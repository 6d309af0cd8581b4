import express, { type Request, type Response } from "express";
import { readFileSync } from "fs";

const app = express();
app.get("/", (_: Request, response: Response) => {
  response.json({ node: process.versions.node.split(".")[0], text: readFileSync("data/hello.txt", "utf8").trim() });
});
const server = app.listen(Number(process.env.PORT));
process.on("SIGTERM", () => server.close(() => process.exit(0)));
