"""What the editor tests share: the installed server, and a workspace with non-ASCII text."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

DOCKERFILE = """\
# 빌드 스테이지 😀: 컴파일러는 여기에만 있습니다
FROM python:3.11-slim AS build
WORKDIR /app
RUN apt-get update && apt-get install -y gcc libpq-dev
LABEL maintainer="김민수 😀" stage=$UNDEFINED_THING
COPY requirements.txt .
RUN pip install --prefix=/install -r requirements.txt

FROM python:3.11-slim
MAINTAINER someone@example.com
COPY --from=biuld /install /usr/local
CMD ["python", "main.py"]
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A folder with a Dockerfile that has several findings, and what it copies."""
    (tmp_path / "Dockerfile").write_text(DOCKERFILE, encoding="utf-8")
    (tmp_path / "requirements.txt").write_text("psycopg2\n", encoding="utf-8")
    (tmp_path / "main.py").write_text("print('ok')\n", encoding="utf-8")
    return tmp_path


@pytest.fixture(scope="session")
def server_command() -> list[str]:
    """The installed `slimstage lsp`, as a user starts it."""
    beside = Path(sys.executable).parent / "slimstage"
    found = str(beside) if beside.exists() else shutil.which("slimstage")
    if found is None:
        pytest.skip("slimstage is not installed in this environment")
    return [found, "lsp"]


@pytest.fixture(autouse=True)
def quiet_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Editors must not read the developer's own configuration, nor write to it."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("SLIMSTAGE_REAL_HOME", os.environ.get("HOME", ""))
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(home))
