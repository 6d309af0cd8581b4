FROM node:20 AS builder
WORKDIR /app
COPY . .
RUN npm ci --omit=dev

FROM node:20-slim
WORKDIR /app
RUN apt-get update \
    && apt-get install -y --no-install-recommends git ca-certificates \
    && rm -rf /var/lib/apt/lists/*
COPY --from=builder /app /app
CMD ["node", "index.js"]
