FROM node:20-bookworm AS builder
WORKDIR /app
COPY package.json yarn.lock ./
RUN yarn install --frozen-lockfile && yarn cache clean
COPY . .
RUN yarn build
RUN yarn install --frozen-lockfile --production --ignore-scripts --prefer-offline

FROM node:20-bookworm-slim
WORKDIR /app
COPY --from=builder /app /app
# one process, the signals reach it
ENTRYPOINT ["yarn", "--silent", "start"]
