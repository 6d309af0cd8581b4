FROM node:20 AS builder
WORKDIR /repo
RUN corepack enable
COPY . .
RUN pnpm install --frozen-lockfile && pnpm -r build
RUN CI=true pnpm install --prod --ignore-scripts --config.modules-cache-max-age=0

FROM node:20-slim
WORKDIR /repo
COPY --from=builder /repo /repo
CMD ["sh", "-c", "cd apps/backend/api && exec node dist/server.js"]
