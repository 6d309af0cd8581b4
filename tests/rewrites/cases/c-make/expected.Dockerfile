FROM gcc:12-bookworm AS builder
WORKDIR /src
COPY Makefile main.c ./
RUN make

FROM debian:bookworm-slim
WORKDIR /src
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/*
COPY --from=builder /src/sum /src/sum
ENTRYPOINT ["/src/sum"]
CMD ["1", "2", "3.5"]
