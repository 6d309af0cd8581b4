import express, { type Request, type Response } from "express";
import { open } from "@shop/shared";

const app = express();
app.get("/", (_: Request, response: Response) => {
  response.type("text").send(open(2));
});
const server = app.listen(3000);
process.on("SIGTERM", () => server.close(() => process.exit(0)));
