FROM alpine
RUN -- echo --x
RUN --mount=type=ssh -- --network=none
RUN - -x
RUN --network=host
CMD -a --b
