FROM golang:1.24-bookworm AS builder
COPY templates /templates
WORKDIR /src
COPY . .
RUN go build -o server .

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates tzdata \
    && rm -rf /var/lib/apt/lists/*
COPY --from=builder /src/server /src/server
COPY --from=builder /src/templates /src/templates
COPY templates /templates
WORKDIR /src
CMD ./server
