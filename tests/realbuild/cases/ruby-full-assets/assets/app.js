console.log("VERSION");
