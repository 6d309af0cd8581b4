require("esbuild");
