FROM node:20 AS builder
RUN npm install -g pnpm@9.15.4
WORKDIR /app
COPY . .
RUN pnpm install --frozen-lockfile

FROM node:20-slim
RUN npm install -g pnpm@9.15.4
WORKDIR /app
COPY --from=builder /app /app
CMD ["pnpm", "start"]
