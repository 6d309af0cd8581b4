"""A Python program that its manager starts (`poetry run`) is started without it where that is the same."""

from __future__ import annotations

import pytest

from slimstage.context import DictContext
from slimstage.model import Model
from slimstage.rewrites import Conversion, Refusal, plan
from slimstage.syntax import parse
from tests.rewrites.test_conversions import knowledge

POETRY = '[tool.poetry.dependencies]\npython = "^3.11"\n'


def planned(manager: str, start: str, files: dict[str, str]) -> Conversion | Refusal:
    text = (
        "FROM python:3.11-slim\nRUN apt-get update && apt-get install -y gcc libpq-dev\nWORKDIR /app\n"
        f"RUN pip install {manager}\nCOPY . .\nRUN {manager} {'sync' if manager == 'uv' else 'install'}\n{start}\n"
    )
    return plan(Model(parse(text), knowledge(), DictContext({"app.py": "print(1)\n", **files})))


@pytest.mark.parametrize(
    ("manager", "start", "instead"),
    [
        ("poetry", 'ENTRYPOINT ["poetry", "run", "gunicorn", "app:app"]', 'ENTRYPOINT ["gunicorn", "app:app"]'),
        ("poetry", 'ENTRYPOINT ["poetry", "run", "python"]\nCMD ["app.py"]', 'ENTRYPOINT ["python"]\nCMD ["app.py"]'),
        ("poetry", "CMD poetry run uvicorn app:app --port $PORT", "CMD uvicorn app:app --port $PORT"),
        ("poetry", "CMD poetry run alembic upgrade  head && exec poetry run app.py",
         "CMD alembic upgrade  head && exec python app.py"),
        ("poetry", 'CMD ["sh", "-c", "poetry run alembic upgrade head; poetry run app.py"]',
         'CMD ["sh", "-c", "alembic upgrade head; python app.py"]'),
        ("uv", 'ENTRYPOINT []\nCMD ["uv", "run", "app.py"]', 'ENTRYPOINT []\nCMD ["python", "app.py"]'),
        ("uv", 'CMD ["uv", "run", "-m", "app"]', 'CMD ["python", "-m", "app"]'),
        ("uv", 'CMD ["uv", "run", "--no-sync", "uvicorn", "app:app"]', 'CMD ["uvicorn", "app:app"]'),
        ("uv", "CMD exec uv run --no-sync -- app.py --poetry", "CMD exec python app.py --poetry"),
    ],
)  # fmt: skip
def test_the_start_goes_without_the_manager(manager: str, start: str, instead: str) -> None:
    found = planned(manager, start, {"pyproject.toml": POETRY})
    assert isinstance(found, Conversion), found
    assert found.text.endswith(f"\n{instead}\n")


@pytest.mark.parametrize(
    ("manager", "start"),
    [
        ("poetry", 'ENTRYPOINT ["poetry", "run"]\nCMD ["python", "app.py"]'),
        ("poetry", "CMD poetry run $APP"),
        ("poetry", "CMD poetry shell"),
        ("poetry", "CMD poetry run app.py && poetry version"),
        ("poetry", 'HEALTHCHECK CMD poetry run check\nCMD ["poetry", "run", "gunicorn", "app:app"]'),
        ("poetry", 'ENTRYPOINT ["python", "app.py"]\nCMD ["poetry"]'),
        ("uv", 'CMD ["uv", "run", "--with", "x", "app.py"]'),
    ],
)
def test_another_use_of_the_manager_keeps_the_file_as_it_is(manager: str, start: str) -> None:
    found = planned(manager, start, {"pyproject.toml": POETRY})
    assert isinstance(found, Refusal) and found.reason == "manager-at-start", found


@pytest.mark.parametrize(
    ("manager", "file", "text", "word", "is_script"),
    [
        (
            "pdm",
            "pyproject.toml",
            '[project]\nname = "a"\n[tool.pdm.scripts]\nstart = "python app.py"\n',
            "start",
            True,
        ),
        (
            "pdm",
            "pyproject.toml",
            '[project]\nname = "a"\n[tool.pdm.scripts]\nstart = "python app.py"\n',
            "python",
            False,
        ),
        ("pdm", "pyproject.toml", "[project\n", "python", True),
        ("pipenv", "Pipfile", '[scripts]\nserve = "python app.py"\n[requires]\npython = "3.11"\n', "serve", True),
        ("pipenv", "Pipfile", '[scripts]\nserve = "python app.py"\n[requires]\npython = "3.11"\n', "python", False),
        ("poetry", "pyproject.toml", POETRY, "python", False),
        ("poetry", "pyproject.toml", '[tool.poetry.scripts]\nserve = "app:main"\n', "serve", True),
        ("poetry", "pyproject.toml", '[project.scripts]\nserve = "app:main"\n', "serve", True),
        ("poetry", "pyproject.toml", "[tool]\npoetry = 1\n", "serve", True),
    ],
)
def test_a_script_of_the_project_is_not_started_without_its_manager(
    manager: str, file: str, text: str, word: str, is_script: bool
) -> None:
    found = planned(manager, f'CMD ["{manager}", "run", "{word}", "app.py"]', {file: text})
    refused = isinstance(found, Refusal) and found.reason == "manager-at-start"
    assert refused is is_script, found
    assert refused or (isinstance(found, Conversion) and f'CMD ["{word}", "app.py"]' in found.text), found
