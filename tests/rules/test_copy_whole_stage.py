"""copy-whole-stage."""

from tests.rules.marking import analyse, findings, fires, fixed, silent

RULE = "copy-whole-stage"


def test_fires_at_the_source() -> None:
    fires(RULE, "FROM golang AS b\nRUN go version\nFROM debian\nCOPY --from=b <</>> /\n")


def test_silent() -> None:
    silent(RULE, "FROM tonistiigi/xx AS b\nFROM debian\nCOPY --from=b / /\n")
    silent(RULE, "FROM golang AS b\nRUN true\nFROM scratch\nCOPY --from=b / /\n")
    silent(RULE, "FROM golang AS b\nFROM debian\nCOPY --from=b /app /\n")
    silent(RULE, "FROM golang AS b\nRUN true\nFROM debian AS c\nCOPY --from=b / /\nFROM debian\n")


def test_the_fix_takes_the_product_only() -> None:
    text = """
FROM golang:1.22-bookworm AS b
WORKDIR /src
COPY . .
RUN CGO_ENABLED=0 go build -o /usr/local/bin/app .
FROM golang:1.22-bookworm
COPY --from=b / /
CMD ["/usr/local/bin/app"]
"""
    after = fixed(RULE, text, {"go.mod": "module x.example/app\n"})
    assert "COPY --from=b /usr/local/bin/app /usr/local/bin/app\n" in after
    unknown = analyse(text.lstrip().replace("RUN CGO", "RUN ./more.sh\nRUN CGO"), {"go.mod": "module x.example/app\n"})
    (finding,) = findings(unknown, RULE)
    assert not unknown.verified_fixes(finding)
