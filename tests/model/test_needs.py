"""What a container wants to find: CMD, ENTRYPOINT, HEALTHCHECK and the entry scripts of the context."""

from __future__ import annotations

import pytest

from slimstage.context import DictContext
from slimstage.model.needs import RuntimeNeeds, runtime_needs

from .build import model_of, text_at


def needs_of(text: str, files: dict[str, str] | None = None) -> RuntimeNeeds:
    return runtime_needs(model_of(text + "\n").stages[-1], None if files is None else DictContext(files))


def spelled(needs: RuntimeNeeds) -> list[str]:
    return [f"{need.kind}:{need.value}" for need in needs.needs]


P = "FROM python:3.12\nWORKDIR /app\n"


@pytest.mark.parametrize(
    ("text", "expected", "shell"),
    [
        (P + 'ENTRYPOINT []\nCMD ["python", "app.py"]', ["program:python", "path:/app/app.py"], False),
        (P + 'ENTRYPOINT ["python", "-m", "uvicorn", "app:main"]', ["program:python", "module:uvicorn"], False),
        (P + "ENTRYPOINT gunicorn app:main", ["program:gunicorn"], True),
        (P + 'ENTRYPOINT ["/bin/sh", "-c", "exec nginx && sleep 1"]', ["program:nginx", "program:sleep"], None),
        (P + 'ENTRYPOINT ["tini", "--", "node", "server.js"]',
         ["program:tini", "program:node", "path:/app/server.js"], False),
        (P + 'ENTRYPOINT ["tini", "--"]\nCMD ["node", "x.js"]',
         ["program:tini", "program:node", "path:/app/x.js"], False),
        (P + 'ENTRYPOINT ["mytool"]\nCMD ["serve", "/etc/x.conf"]', ["program:mytool", "path:/etc/x.conf"], False),
        ('FROM scratch\nENTRYPOINT ["/app"]', ["program:/app"], None),
        ("FROM scratch\nCMD a && b | c", ["program:a", "program:b", "program:c"], True),
        (P + 'ENTRYPOINT ["a"]\nHEALTHCHECK --interval=5s CMD curl -f http://localhost || exit 1',
         ["program:a", "program:curl"], True),
        (P + 'ENTRYPOINT ["a"]\nHEALTHCHECK CMD ["wget", "/x"]', ["program:a", "program:wget", "path:/x"], False),
        (P + 'ENTRYPOINT ["a"]\nHEALTHCHECK CMD x\nHEALTHCHECK NONE', ["program:a"], False),
    ],
)  # fmt: skip
def test_needs(text: str, expected: list[str], shell: bool | None) -> None:
    found = needs_of(text)
    assert spelled(found) == expected
    if shell is not None:
        assert found.shell is shell


def test_what_is_in_force() -> None:
    assert spelled(needs_of("FROM a AS b\nCMD x\nFROM b\nENTRYPOINT y")) == ["program:y"]
    tini = 'ENTRYPOINT ["tini", "--"]'
    assert spelled(needs_of(f'FROM a AS b\nCMD ["x"]\nFROM b\n{tini}')) == ["program:tini"]
    assert spelled(needs_of(f'FROM a AS b\nFROM b\nCMD ["x"]\n{tini}')) == ["program:tini", "program:x"]
    assert spelled(needs_of("FROM a AS b\nCMD x\nFROM b")) == ["program:x"]
    assert spelled(needs_of('FROM a\nCMD ["x"]\nCMD ["y"]')) == ["program:y"]
    assert spelled(needs_of('FROM a\nENTRYPOINT x\nCMD ["y"]')) == ["program:x"]


def test_the_base_image_may_have_its_own() -> None:
    found = needs_of("FROM a")
    assert (found.base_entrypoint, found.base_command, found.is_complete, found.shell) == (True, True, False, None)
    found = needs_of('FROM a\nENTRYPOINT ["x"]')
    assert (found.base_entrypoint, found.base_command, found.is_complete) == (False, False, True)
    assert needs_of("FROM scratch").is_complete


@pytest.mark.parametrize(
    "text",
    [
        "FROM scratch\nCMD $APP run",
        "FROM scratch\nCMD run $FILE",
        'FROM scratch\nSHELL ["pwsh", "-c"]\nCMD Get-Item',
        'FROM a\nENTRYPOINT ["./run"]',
    ],
)
def test_what_is_hidden_is_said_to_be(text: str) -> None:
    assert not needs_of(text).is_complete


SCRIPT = """#!/bin/bash
set -e
log() { echo "$1"; }
log start
if [ -n "$DB" ]; then /usr/bin/psql -c x; fi
exec "$@"
"""


@pytest.mark.parametrize(
    "copy", ["COPY run.sh /app/", "COPY . .", "COPY run.sh /app/run.sh", "COPY a run.sh ./", "COPY sub /app"]
)
def test_an_entry_script_of_the_context_is_read(copy: str) -> None:
    files = {"run.sh": SCRIPT} if "sub" not in copy else {"sub/run.sh": SCRIPT}
    text = f'{P}{copy}\nENTRYPOINT ["/app/run.sh"]\nCMD ["server"]'
    model = model_of(text + "\n")
    found = runtime_needs(model.stages[0], DictContext(files))
    assert spelled(found) == [
        "program:/app/run.sh", "program:/bin/bash", "program:/usr/bin/psql", "program:server",
    ]  # fmt: skip
    assert found.shell is True
    assert found.is_complete
    psql = found.needs[2]
    assert psql.script == next(iter(files))
    assert psql.script_span is not None
    assert SCRIPT[slice(*psql.script_span)] == "/usr/bin/psql"
    assert text_at(model, psql.place) == '"/app/run.sh"'


@pytest.mark.parametrize("copy", ["COPY run.sh /usr/bin/", "COPY scripts /usr/local/bin", "COPY run.sh /bin/run.sh"])
def test_an_entry_script_is_found_on_the_path(copy: str) -> None:
    files = {"run.sh": SCRIPT, "scripts/run.sh": SCRIPT}
    text = f'{P}{copy}\nENTRYPOINT ["run.sh"]\nCMD ["server"]'
    found = runtime_needs(model_of(text + "\n").stages[0], DictContext(files))
    assert "program:/usr/bin/psql" in spelled(found)
    assert found.is_complete


def test_a_script_that_cannot_be_read_hides_needs() -> None:
    text = P + 'COPY . .\nENTRYPOINT ["/app/run.sh"]'
    assert not needs_of(text).is_complete
    assert not needs_of(text, {}).is_complete
    assert not needs_of(text, {"run.sh": "#!/usr/bin/env python3\n"}).is_complete


def test_programs_and_paths() -> None:
    found = needs_of('FROM scratch\nENTRYPOINT ["/usr/bin/java", "-jar", "/app/x.jar"]\nHEALTHCHECK CMD curl x')
    assert found.programs() == {"java", "curl"}
    assert found.wants_path("/app") is True
    assert found.wants_path("/opt") is not True
