FROM node:20 AS builder
WORKDIR /app
COPY server/ .
RUN npm ci && npm run build
RUN npm prune --omit=dev

FROM node:20-slim
WORKDIR /app
COPY --from=builder /app /app
CMD ["node", "dist/main.js"]
