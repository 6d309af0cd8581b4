FROM alpine
RUN --mount=type=cache,\
target=/x \
  --network=none \
  echo a
COPY \
  --chown=1 \
  a b
