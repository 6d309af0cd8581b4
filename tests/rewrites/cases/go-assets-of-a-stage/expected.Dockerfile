FROM node:20-slim AS assets
RUN mkdir /dist && echo hello > /dist/index.html

FROM golang:1.22-bookworm AS builder
WORKDIR /src
COPY . .
COPY --from=assets /dist ./static
RUN CGO_ENABLED=0 go build -o /usr/local/bin/app .

FROM gcr.io/distroless/static-debian12
WORKDIR /src
COPY --from=assets /dist ./static
COPY --from=builder /usr/local/bin/app /usr/local/bin/app
CMD ["app"]
