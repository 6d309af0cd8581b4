export default defineNitroConfig({ compatibilityDate: "2024-09-01" });
