const ms = require("ms");

exports.greeting = (name) => `hello ${name}, for ${ms(3_600_000)}`;
