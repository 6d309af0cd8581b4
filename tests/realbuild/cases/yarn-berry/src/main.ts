import ms from "ms";

console.log(`every ${ms(90_000, { long: true })}`);
