const b = require("bcrypt"); console.log(b.compareSync("x", b.hashSync("x", 4)), b.compareSync("y", b.hashSync("x", 4)));
