"""venv-relocated."""

from tests.rules.marking import fires, fixed, silent

RULE = "venv-relocated"
BUILDER = "FROM python:3.12-slim AS b\nWORKDIR /app\nRUN python -m venv /venv && /venv/bin/pip install flask\n"


def test_fires_and_copies_to_the_same_path() -> None:
    text = BUILDER + 'FROM python:3.12-slim\nCOPY --from=b /venv <</opt/venv>>\nCMD ["flask", "run"]\n'
    assert fires(RULE, text)[0].severity is None
    assert "COPY --from=b /venv /venv" in fixed(RULE, text.replace("<<", "").replace(">>", ""))


def test_a_hint_when_python_itself_starts() -> None:
    text = (
        BUILDER + 'FROM python:3.12-slim\nCOPY --from=b /venv <</opt/venv>>\nCMD ["/opt/venv/bin/python", "-m", "x"]\n'
    )
    assert fires(RULE, text)[0].severity == "hint"


def test_silent() -> None:
    silent(RULE, BUILDER + "FROM python:3.12-slim\nCOPY --from=b /venv /venv\n")
    silent(RULE, BUILDER + "FROM python:3.12-slim\nCOPY --from=b /app /srv\n")
    silent(RULE, "FROM x AS b\nRUN uv venv --relocatable /venv\nFROM x\nCOPY --from=b /venv /opt/venv\n")


def test_environments_of_uv_and_virtualenv() -> None:
    for command in ("uv venv /venv", "uv venv --python 3.12 /venv", "virtualenv -p python3 /venv"):
        fires(RULE, f"FROM x AS b\nRUN {command}\nFROM x\nCOPY --from=b /venv <</opt/venv>>\nCMD flask run\n")
    default = "FROM x AS b\nWORKDIR /app\nRUN uv venv -q\nFROM x\n"
    fires(RULE, default + "COPY --from=b /app/.venv <</opt/venv>>\nCMD flask run\n")
    unknown = default.replace("uv venv -q", "uv venv $WHERE")
    silent(RULE, unknown + "COPY --from=b /app/.venv /opt/venv\nCMD flask run\n")
