"""copied-path-never-produced."""

from tests.rules.marking import fires, fixed, silent

RULE = "copied-path-never-produced"
BUILDER = "FROM python:3.11-slim AS builder\nWORKDIR /app\nRUN pip install --prefix=/install flask\n"


def test_fires_and_knows_what_was_meant() -> None:
    text = BUILDER + "FROM python:3.11-slim\nCOPY --from=builder <</instal>> /usr/local\n"
    fires(RULE, text)
    after = fixed(RULE, text.replace("<<", "").replace(">>", ""))
    assert "COPY --from=builder /install /usr/local" in after


def test_silent() -> None:
    final = "FROM python:3.11-slim\nCOPY --from=builder /wheels /usr/local\n"
    silent(RULE, BUILDER + "RUN ./build.sh\n" + final)  # may write anywhere
    silent(RULE, BUILDER + final.replace("/wheels", "/usr/share/x"))  # may be in the base
    silent(RULE, BUILDER + final.replace("/wheels", "/install/bin"))
    silent(RULE, BUILDER + final.replace("/wheels", "/whe*"))
    silent(RULE, BUILDER.replace("python:3.11-slim", "example/image") + final)
