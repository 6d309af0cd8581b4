FROM node:20 AS builder
RUN npm install -g pm2@5.4.2
WORKDIR /app
COPY . .
RUN npm install

FROM node:20-slim
RUN npm install -g pm2@5.4.2
WORKDIR /app
COPY --from=builder /app /app
CMD ["pm2-runtime", "server.js"]
