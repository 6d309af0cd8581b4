FROM debian:bookworm-slim AS builder
RUN apt-get update && apt-get install -y build-essential cmake libcurl4-openssl-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN cmake -B build && cmake --build build

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends libcurl4 ca-certificates \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY --from=builder /src/build/fetcher /src/build/fetcher
CMD ["./build/fetcher"]
