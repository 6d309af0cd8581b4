FROM golang:1.24.99 AS builder
WORKDIR /src
COPY . .
RUN go mod download && go build -o app

FROM debian:trixie-slim
WORKDIR /src
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates tzdata \
    && rm -rf /var/lib/apt/lists/*
COPY --from=builder /src/app /src/app
CMD ["./app"]
