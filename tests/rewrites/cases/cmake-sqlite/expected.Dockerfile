FROM debian:bookworm-slim AS builder
RUN apt-get update && apt-get install -y --no-install-recommends cmake g++ make libsqlite3-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /code
COPY CMakeLists.txt main.cpp ./
RUN cmake -B build -DCMAKE_BUILD_TYPE=Release && cmake --build build

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends libsqlite3-0 \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /code
COPY --from=builder /code/build/notes /code/build/notes
CMD ["build/notes"]
