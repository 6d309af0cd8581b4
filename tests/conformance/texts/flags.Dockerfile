FROM --platform=linux/amd64 alpine AS a
RUN --mount=type=cache,target=/root/.cache,sharing=locked --network=none --security=insecure go build
RUN --mount=type=bind,from=a,source="/x y",target=/z --device=vendor.com/device ls
COPY --from=a --chown=1:2 --chmod=755 --link --parents --exclude=*.md --exclude=*.txt a b
ADD --checksum=sha256:00 --keep-git-dir=true --unpack=false --link https://x/y z
HEALTHCHECK --interval=5s --timeout=3s --start-period=1m --start-interval=2s --retries=3 CMD x
