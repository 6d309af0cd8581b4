FROM node:20 AS builder
RUN npm install -g pnpm@9.15.4
WORKDIR /repo
COPY . .
RUN pnpm install --frozen-lockfile
WORKDIR /repo/packages/api
RUN pnpm build
RUN cd /repo && CI=true pnpm install --prod --config.modules-cache-max-age=0

FROM node:20-slim
WORKDIR /repo
WORKDIR /repo/packages/api
COPY --from=builder /repo /repo
EXPOSE 3000
CMD ["node", "dist/server.js"]
