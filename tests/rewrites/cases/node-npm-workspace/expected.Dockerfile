FROM node:20 AS builder
WORKDIR /srv
COPY . .
RUN npm ci --legacy-peer-deps && npm run build -w api
RUN npm prune --omit=dev --legacy-peer-deps

FROM node:20-slim
WORKDIR /srv
COPY --from=builder /srv /srv
USER node
CMD ["npm", "start", "--workspace", "api"]
