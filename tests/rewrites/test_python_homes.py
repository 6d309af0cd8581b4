"""Where a file itself tells pip to install (a virtual environment, root's folder), and who brings poetry."""

from __future__ import annotations

import pytest

from slimstage.context import DictContext
from slimstage.model import Model
from slimstage.rewrites import Conversion, ConversionOptions, Refusal, plan
from slimstage.syntax import parse
from tests.rewrites.test_conversions import knowledge

HEAD = "FROM python:3.12-slim\nWORKDIR /app\nRUN apt-get update && apt-get install -y curl gcc libpq-dev\n"
COPIED = "COPY requirements.txt .\n"
FILES = {
    "requirements.txt": "psycopg2==2.9.9\n",
    "pyproject.toml": '[tool.poetry]\nname = "a"\npackage-mode = false\n[tool.poetry.dependencies]\npsycopg2 = "*"\n',
    "poetry.lock": '[[package]]\nname = "psycopg2"\nversion = "2.9.9"\ngroups = ["main"]\nfiles = []\n',
    "app.py": "print(1)\n",
}


def planned(lines: str, options: ConversionOptions | None = None) -> Conversion | Refusal:
    text = f'{HEAD}{lines}COPY . .\nCMD ["python", "app.py"]\n'
    return plan(Model(parse(text), knowledge(), DictContext(FILES)), options)


@pytest.mark.parametrize(
    ("lines", "home", "kept"),
    [
        ("RUN python -m venv /opt/venv\nENV PATH=/opt/venv/bin:$PATH\n" + COPIED
         + "RUN pip install -r requirements.txt\n", "/opt/venv", "ENV PATH=/opt/venv/bin:$PATH\n"),
        ("ENV VIRTUAL_ENV=/opt/venv\nRUN python3 -m venv $VIRTUAL_ENV\nENV PATH=\"${VIRTUAL_ENV}/bin:$PATH\"\n" + COPIED
         + "RUN pip install --upgrade pip && pip install -r requirements.txt\n",
         "/opt/venv", 'ENV VIRTUAL_ENV=/opt/venv\nENV PATH="${VIRTUAL_ENV}/bin:$PATH"\n'),
        (COPIED + "RUN python3 -m venv venv && /app/venv/bin/pip install -r requirements.txt\n", "/app/venv", ""),
        (COPIED + "RUN pip install --user -r requirements.txt\nENV PATH=/root/.local/bin:$PATH\n",
         "/root/.local", "ENV PATH=/root/.local/bin:$PATH\n"),
    ],
)  # fmt: skip
def test_what_the_file_chose_is_copied_to_the_same_place(lines: str, home: str, kept: str) -> None:
    found = planned(lines)
    assert isinstance(found, Conversion), found
    builder, _, final = found.text.partition("\n\nFROM ")
    assert lines.replace("ENV PATH=/root/.local/bin:$PATH\n", "").rstrip("\n") in builder
    assert f"COPY --from=builder {home} {home}\n" in final and "COPY --from=builder /install" not in final
    assert kept in final and "libpq5" in final and "venv " not in final.replace(f"{home} {home}", "")


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        # Nothing tells pip of the environment.
        ("RUN python -m venv /opt/venv\nRUN pip install psycopg2\n", "opaque-script"),
        ("RUN python -m venv /opt/venv\nENV PATH=$PATH:/opt/venv/bin\nRUN pip install psycopg2\n", "opaque-script"),
        ("ENV PATH=/opt/venv/bin:$PATH\nRUN pip install psycopg2\nRUN python -m venv /opt/venv\n", "opaque-script"),
        ("RUN python -m venv /a\nRUN python -m venv /b\nENV PATH=/b/bin:$PATH\nRUN pip install x\n", "opaque-script"),
        ("RUN python -m venv $ELSEWHERE\nENV PATH=/b/bin:$PATH\nRUN pip install x\n", "opaque-script"),
        ("RUN pip install --user psycopg2\nRUN pip install flask\n", "install-location"),
        ("ENV HOME=/home/me\nRUN pip install --user psycopg2\n", "install-location"),
        ("RUN /opt/other/bin/pip install psycopg2\n", "install-location"),
    ],
)  # fmt: skip
def test_what_may_lie_elsewhere_is_left_alone(lines: str, reason: str) -> None:
    found = planned(lines)
    assert isinstance(found, Refusal) and found.reason == reason, found


def test_roots_folder_is_no_place_for_another_user() -> None:
    lines = COPIED + "RUN pip install --user -r requirements.txt\n"
    found = planned(lines, ConversionOptions(non_root=True))
    assert isinstance(found, Refusal) and found.reason == "install-location", found


@pytest.mark.parametrize(
    "line",
    [
        "RUN curl -sSL https://install.python-poetry.org | python3 -\nENV PATH=/root/.local/bin:$PATH\n",
        'ENV POETRY_VERSION=1.8.3\nRUN pip install "poetry==$POETRY_VERSION"\n',
        "RUN pip install 'poetry>=1.8,<2'\n",
    ],
)
def test_who_brings_poetry_stays_in_the_builder(line: str) -> None:
    found = planned(f"{line}COPY pyproject.toml poetry.lock ./\nRUN poetry install --only main\n")
    assert isinstance(found, Conversion), found
    builder, _, final = found.text.partition("\n\nFROM ")
    assert line.splitlines()[-2 if "curl" in line else -1] in builder
    assert "poetry" not in final and "curl" not in final and "COPY --from=builder /app /app" in final


@pytest.mark.parametrize(
    "line",
    [
        "RUN curl -sSL https://example.org/install.sh | python3 -\n",
        "RUN curl -sSL https://install.python-poetry.org -o x && python3 x\n",
        "RUN curl -sSL https://install.python-poetry.org | perl\n",
    ],
)
def test_another_script_from_the_network_is_unknown(line: str) -> None:
    found = planned(f"{line}COPY pyproject.toml poetry.lock ./\nRUN poetry install --only main\n")
    assert isinstance(found, Refusal), found
