"""The .vsix itself: one for every platform and every Python that is new enough."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.lsp.client import Client

pytestmark = pytest.mark.editors

VERSIONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
SHOW = "import sys; print('%d.%d' % sys.version_info[:2], sys.executable)"


@pytest.fixture(scope="module")
def unpacked(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the .vsix puts into the folder of extensions."""
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(package) as archive:
        archive.extractall(folder)
    return folder / "extension"


def interpreter(version: str) -> str | None:
    """A Python of that version on this machine: on the PATH, or one of pyenv's."""
    pyenv = os.environ.get("PYENV_ROOT") or f"{os.environ.get('SLIMSTAGE_REAL_HOME', '')}/.pyenv"
    managed = Path(pyenv).glob(f"versions/{version}.*/bin/python")
    for program in (shutil.which(f"python{version}"), *managed):
        if program is not None:
            asked = subprocess.run([program, "-c", SHOW], capture_output=True, text=True, check=False)
            if asked.stdout.startswith(f"{version} "):
                return asked.stdout.split(maxsplit=1)[1].strip()
    return None


def test_it_carries_what_it_needs_and_no_native_file(unpacked: Path) -> None:
    files = {str(path.relative_to(unpacked)) for path in unpacked.rglob("*") if path.is_file()}
    assert {"dist/extension.js", "bundled/launch.py", "bundled/libs/slimstage/cli/main.py"} <= files
    assert {"package.nls.ko.json", "l10n/bundle.l10n.ko.json", "icon.png", "LICENSE.txt"} <= files
    assert not [name for name in files if name.endswith((".so", ".pyd", ".dll", ".dylib", ".node"))]


def test_it_knows_no_address_to_send_anything_to(unpacked: Path) -> None:
    bundle = (unpacked / "dist" / "extension.js").read_text(encoding="utf-8")
    assert "vscode-languageclient" in bundle or "LanguageClient" in bundle
    assert re.findall(r"https?://\w", bundle) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_the_server_it_carries_runs_on_every_python(unpacked: Path, version: str) -> None:
    python = interpreter(version)
    if python is None:
        pytest.skip(f"no Python {version} here")
    client = Client([python, "-E", "-S", str(unpacked / "bundled" / "launch.py"), "useBundled", "lsp"])
    try:
        client.initialize()
        client.open("FROM alpine:3.20 AS build\nFROM alpine:3.20\nCOPY --from=biuld /a /b\n")
        assert "unknown-stage" in [each["code"] for each in client.diagnostics()]
        assert client.stop() == 0
    finally:
        client.kill()
