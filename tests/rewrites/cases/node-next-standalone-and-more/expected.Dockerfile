FROM node:20 AS builder
WORKDIR /app
COPY . .
RUN npm ci && npm run build
RUN npm prune --omit=dev

FROM node:20-slim
WORKDIR /app
COPY --from=builder /app /app
RUN chown -R node:node /app/cache
USER node
CMD ["node", ".next/standalone/server.js"]
