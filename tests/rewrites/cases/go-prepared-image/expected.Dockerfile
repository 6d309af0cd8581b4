FROM golang:1.22-bookworm AS builder
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates curl && mkdir -p /var/data && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN CGO_ENABLED=0 go build -o /usr/local/bin/app .

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates curl && mkdir -p /var/data && rm -rf /var/lib/apt/lists/*
WORKDIR /src
RUN apt-get update \
    && apt-get install -y --no-install-recommends tzdata \
    && rm -rf /var/lib/apt/lists/*
COPY --from=builder /usr/local/bin/app /usr/local/bin/app
HEALTHCHECK CMD curl -f http://localhost:8080/
CMD ["app"]
