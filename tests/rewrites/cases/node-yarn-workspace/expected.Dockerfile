FROM node:20 AS builder
WORKDIR /srv
COPY . .
RUN yarn install --frozen-lockfile
RUN yarn workspace api build
RUN yarn install --frozen-lockfile --production --ignore-scripts --prefer-offline

FROM node:20-slim
WORKDIR /srv
COPY --from=builder /srv /srv
CMD ["node", "apps/api/dist/server.js"]
