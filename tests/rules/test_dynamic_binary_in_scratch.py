"""dynamic-binary-in-scratch."""

from tests.rules.marking import fires, fixed, silent

RULE = "dynamic-binary-in-scratch"
BUILDER = "FROM golang:1.22 AS b\nWORKDIR /src\nCOPY . .\nRUN go build -o /app .\n"
FINAL = "FROM scratch\nCOPY --from=b /app /app\n"


def test_fires_and_builds_statically() -> None:
    fires(RULE, BUILDER + "FROM scratch\nCOPY --from=b <</app>> /app\n")
    fires(RULE, BUILDER + "FROM gcr.io/distroless/static-debian12\nCOPY --from=b <</app>> /app\n")
    assert "RUN CGO_ENABLED=0 go build -o /app ." in fixed(RULE, BUILDER + FINAL)


def test_silent() -> None:
    silent(RULE, BUILDER.replace("go build", "CGO_ENABLED=0 go build") + FINAL)
    silent(RULE, BUILDER.replace("WORKDIR", "ENV CGO_ENABLED=0\nWORKDIR") + FINAL)
    silent(RULE, BUILDER.replace("golang:1.22", "golang:1.22-alpine") + FINAL)
    silent(RULE, BUILDER.replace("-o", "-ldflags '-extldflags -static' -o") + FINAL)
    silent(RULE, BUILDER.replace("FROM golang", "FROM --platform=$BUILDPLATFORM golang") + FINAL)
    silent(RULE, BUILDER + "FROM debian:bookworm-slim\nCOPY --from=b /app /app\n")
