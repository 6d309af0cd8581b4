FROM node:20-bookworm AS builder

# a user of its own
RUN mkdir -p /home/node/app && chown -R node:node /home/node/app
WORKDIR /home/node/app
USER node
COPY --chown=node:node package.json ./
RUN npm install --omit=dev

FROM node:20-bookworm-slim
RUN mkdir -p /home/node/app && chown -R node:node /home/node/app
WORKDIR /home/node/app
RUN apt-get update \
    && apt-get install -y --no-install-recommends curl ca-certificates \
    && rm -rf /var/lib/apt/lists/*
USER node
COPY --from=builder --chown=node /home/node/app /home/node/app
COPY --chown=node:node . .
EXPOSE 8080
HEALTHCHECK --interval=30s CMD curl -f http://localhost:8080/ || exit 1
CMD ["npm", "start"]
