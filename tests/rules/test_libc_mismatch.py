"""libc-mismatch."""

from tests.rules.marking import fires, silent

RULE = "libc-mismatch"


def test_python_packages_with_compiled_code() -> None:
    text = "FROM python:3.12-slim AS b\nRUN pip install --prefix=/install flask numpy\nFROM python:3.12-alpine\n"
    (finding,) = fires(RULE, text + "COPY --from=b <</install>> /usr/local\n")
    assert finding.args["packages"] == "numpy"


def test_go_with_cgo_on_is_a_warning() -> None:
    text = "FROM golang:1.22 AS b\nWORKDIR /s\nRUN go build -o /app .\nFROM alpine:3.20\n"
    assert fires(RULE, text + "COPY --from=b <</app>> /app\n")[0].severity == "warning"
    silent(RULE, text + "RUN apk add --no-cache gcompat\nCOPY --from=b /app /app\n")
    silent(RULE, text.replace("RUN go", "RUN CGO_ENABLED=0 go") + "COPY --from=b /app /app\n")


def test_silent_for_pure_python_and_for_one_family() -> None:
    text = "FROM python:3.12-slim AS b\nRUN pip install --prefix=/install {}\nFROM python:3.12-{}\n"
    copy = "COPY --from=b /install /usr/local\n"
    silent(RULE, text.format("flask", "alpine") + copy)
    silent(RULE, text.format("numpy", "slim") + copy)
    silent(RULE, text.format("-r requirements.txt", "alpine") + copy)
