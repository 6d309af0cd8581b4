FROM node:20 AS builder
WORKDIR /app
COPY . .
RUN pnpm install && npx prisma generate
RUN npm run build

FROM node:20-slim
WORKDIR /app
RUN apt-get update \
    && apt-get install -y --no-install-recommends openssl ca-certificates \
    && rm -rf /var/lib/apt/lists/*
COPY --from=builder /app /app
CMD ["node", "dist/main.js"]
