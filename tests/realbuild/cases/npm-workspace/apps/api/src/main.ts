const { greeting } = require("@greetings/greeting");
console.log(greeting(process.argv[2] ?? "you"));
