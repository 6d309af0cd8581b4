FROM alpine
HEALTHCHECK NONE
HEALTHCHECK CMD curl -f http://x || exit 1
HEALTHCHECK --interval=1s CMD ["a", "b"]
healthcheck cmd x
HEALTHCHECK \
  CMD y
