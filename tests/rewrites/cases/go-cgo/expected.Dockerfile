FROM golang:1.23 AS builder
WORKDIR /app
COPY . .
RUN go build -o hello

FROM debian:bookworm-slim
WORKDIR /app
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates tzdata \
    && rm -rf /var/lib/apt/lists/*
COPY --from=builder /app/hello /app/hello
CMD ["./hello"]
