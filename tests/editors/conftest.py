"""What the editor tests share: the installed server, and a workspace with non-ASCII text."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.editors.harness import Installed, install, install_broken

ROOT = Path(__file__).parents[2]

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
def server_command(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """`slimstage lsp` as a user has it: the built wheel in an environment of its own, nothing of the checkout.

    The libraries it needs are taken from the environment that runs the tests. A path in a `.pth` file is not
    searched for further `.pth` files, so an editable install there stays out.
    """
    folder = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    wheels, venv = folder / "wheels", folder / "venv"
    for command in (
        [*pip, "wheel", "--no-deps", "--no-build-isolation", "--no-index", "-w", str(wheels), str(ROOT)],
        [sys.executable, "-m", "venv", "--without-pip", str(venv)],
    ):
        subprocess.run(command, check=True, capture_output=True)
    (wheel,) = wheels.glob("*.whl")
    python = venv / "bin" / "python"
    subprocess.run([*pip, "--python", python, "install", "--no-deps", "--no-index", wheel], check=True)
    (libraries,) = venv.glob("lib/python*/site-packages")
    (libraries / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    where = [python, "-c", "import slimstage; print(slimstage.__file__)"]
    own = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    assert str(venv) in subprocess.run(where, cwd=folder, env=own, check=True, capture_output=True, text=True).stdout
    return [str(venv / "bin" / "slimstage"), "lsp"]


@pytest.fixture(scope="session")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the archives that a release carries, as the build script makes them."""
    folder = tmp_path_factory.mktemp("archives")
    subprocess.run([sys.executable, ROOT / "editors" / "build.py", "zip", folder], check=True)
    return folder


@pytest.fixture
def installed(server_command: list[str], tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """A recorded `slimstage` to put on an editor's PATH."""
    return install(tmp_path_factory.mktemp("bin"), server_command)


@pytest.fixture
def broken(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """A `slimstage` that fails at once."""
    return install_broken(tmp_path_factory.mktemp("bin"))


@pytest.fixture
def muted(server_command: list[str], tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Installed]:
    """Makes a `slimstage` that has no answer to one method."""
    return lambda method: install(tmp_path_factory.mktemp("bin"), server_command, method)


@pytest.fixture(autouse=True)
def quiet_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new home: editors must not read the developer's own configuration, nor write to it, nor see the checkout."""
    monkeypatch.setenv("SLIMSTAGE_REAL_HOME", os.environ.get("HOME", ""))
    monkeypatch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "PYTHONPATH"):
        monkeypatch.delenv(name, raising=False)
