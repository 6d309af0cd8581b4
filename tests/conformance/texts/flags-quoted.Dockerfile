FROM alpine
RUN --mount=type=secret,id="a b" --mount='type=tmpfs,target=/a b' x
COPY --chown=a\ b c d
