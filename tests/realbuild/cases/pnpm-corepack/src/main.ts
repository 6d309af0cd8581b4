import { compareSync, hashSync } from "bcrypt";
import ms from "ms";

console.log(`every ${ms(90_000, { long: true })}: ${compareSync("x", hashSync("x", 4))}`);
