const ms = require("ms");

exports.until = (minutes) => ms(minutes * 60_000, { long: true });
