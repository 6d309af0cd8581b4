const log = await import("pino");
