FROM rust:1.63-bookworm AS builder
WORKDIR /usr/src/count
COPY Cargo.toml Cargo.lock ./
COPY src src
RUN cargo build --release

FROM debian:bookworm-slim
WORKDIR /usr/src/count
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/*
COPY --from=builder /usr/src/count/target/release/count /usr/src/count/target/release/count
COPY input.txt .
CMD ["./target/release/count", "input.txt"]
