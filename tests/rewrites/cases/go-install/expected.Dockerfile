FROM golang:1.21-bookworm AS builder
WORKDIR /go/src/app
COPY *.go ./
RUN go mod init example.org/greeter && go mod tidy
RUN go install

FROM debian:bookworm-slim
WORKDIR /go/src/app
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates tzdata \
    && rm -rf /var/lib/apt/lists/*
COPY --from=builder /go/bin/greeter /usr/local/bin/greeter
CMD greeter --loud
