"""multi-stage-candidate."""

from tests.rules.marking import fires, fixed, silent

RULE = "multi-stage-candidate"
TEXT = "FROM <<python:3.12>>\nWORKDIR /app\nRUN pip install psycopg2\nCOPY . .\nCMD python main.py\n"
PLAIN = TEXT.replace("<<", "").replace(">>", "")


def test_fires_where_a_conversion_is_known() -> None:
    (finding,) = fires(RULE, TEXT)
    assert finding.message == "sized"
    assert finding.args["saving"].low > 500_000_000
    after = fixed(RULE, PLAIN)
    assert "FROM python:3.12-slim\n" in after and "libpq5" in after


def test_silent() -> None:
    silent(RULE, PLAIN.replace("python:3.12", "python:3.12-slim"))
    silent(RULE, PLAIN.replace("psycopg2", "-r requirements.txt"))
    silent(RULE, PLAIN.replace("RUN pip", "RUN apt-get install -y gcc\nRUN pip"))
    silent(RULE, "FROM alpine AS a\n" + PLAIN)


def test_silent_where_the_known_figures_promise_no_gain() -> None:
    silent(
        RULE,
        "FROM ubuntu:20.04\nRUN apt-get update \\\n && apt-get install -y python3 python3-pip libglib2.0-0 \\\n"
        " && pip3 install scenes[opencv] \\\n && rm -rf /var/lib/apt/lists/*\nWORKDIR /data\n"
        'ENTRYPOINT ["scenes"]\n',
    )


def test_fires_where_the_stage_that_ships_stands_on_a_compiler_or_on_another_stage() -> None:
    build = "FROM golang:1.22-bookworm AS b\nWORKDIR /src\nCOPY . .\nRUN CGO_ENABLED=0 go build -o /app .\n"
    files = {"go.mod": "module x.example/app\n"}
    fires(RULE, build + 'FROM <<golang:1.22-bookworm>>\nCOPY --from=b /app /app\nCMD ["/app"]\n', files)
    fires(RULE, build + 'FROM <<b>>\nCMD ["/app"]\n', files)
    silent(RULE, build + 'FROM alpine:3.20\nCOPY --from=b /app /app\nCMD ["/app"]\n', files)
    silent(RULE, build + 'FROM golang:1.22-bookworm\nCOPY --from=b /app /app\nCMD ["go", "version"]\n', files)
