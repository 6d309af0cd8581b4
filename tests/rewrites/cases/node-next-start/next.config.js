const analyzer = require("@next/bundle-analyzer");
module.exports = analyzer({ enabled: false })({});
