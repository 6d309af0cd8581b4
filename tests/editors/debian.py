"""Editors from Debian's suites, unpacked into a cache folder: no root, no chroot, no maintainer scripts."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

CACHE = Path(os.environ.get("SLIMSTAGE_EDITORS_CACHE", Path.home() / ".cache" / "slimstage-editors"))
_KEYS = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


class CannotInstall(Exception):
    """Why an editor is not to be had here; the tests print it as the reason for skipping."""


def mirror() -> str:
    """The machine's own Debian mirror, as its apt sources name it."""
    sources = Path("/etc/apt")
    for path in [*sources.glob("sources.list.d/debian*.sources"), *sources.glob("sources.list")]:
        found = re.search(r"^(?:URIs:|deb(?: \[[^]]*\])?)\s+(\S+)", path.read_text(encoding="utf-8"), re.MULTILINE)
        if found:
            return found[1]
    raise CannotInstall("no Debian package source is configured")


def unpacked(suite: str, *packages: str) -> Path:
    """A folder with the packages and all they depend on, from that suite. Raises `CannotInstall` with the reason."""
    if shutil.which("apt-get") is None or not _KEYS.exists():
        raise CannotInstall("needs apt-get and Debian's archive keys")
    folder = CACHE / f"{suite}-{'-'.join(packages)}"
    if (folder / ".complete").exists():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    state = folder / ".apt"
    for name in ("lists/partial", "cache/archives/partial"):
        (state / name).mkdir(parents=True)
    (state / "status").touch()
    (state / "sources.list").write_text(f"deb [signed-by={_KEYS}] {mirror()} {suite} main\n", encoding="utf-8")
    settings = {
        "Dir::Etc::sourcelist": state / "sources.list",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State::lists": state / "lists",
        "Dir::Cache": state / "cache",
        "Dir::State::status": state / "status",
        "APT::Install-Recommends": "false",
        "Debug::NoLocking": "1",
        "APT::Sandbox::User": "root",
    }
    options = [f"-o{key}={value}" for key, value in settings.items()]
    for step in (["update"], ["-y", "--download-only", "install", *packages]):
        done = subprocess.run(["apt-get", "-qq", *options, *step], capture_output=True, text=True, check=False)
        if done.returncode:
            raise CannotInstall(f"apt-get {step[0]} failed for {suite}: {done.stderr.strip()[-300:]}")
    for package in sorted((state / "cache/archives").glob("*.deb")):
        subprocess.run(["dpkg", "-x", str(package), str(folder)], check=True)
    shutil.rmtree(state)
    (folder / ".complete").touch()
    return folder


def wrapper(folder: Path, program: str, environment: dict[str, str] | None = None) -> Path:
    """A script that starts `program` of an unpacked tree with the tree's own loader and libraries."""
    libraries = [folder / name for name in ("usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu", "usr/lib")]
    loader = next((path for path in folder.glob("**/ld-linux-x86-64.so.2")), None)
    if loader is None:
        raise CannotInstall(f"no loader in {folder}")
    path = folder / f"run-{Path(program).name}"
    exports = "".join(f"export {key}='{value}'\n" for key, value in (environment or {}).items())
    searched = ":".join(str(library) for library in libraries if library.is_dir())
    path.write_text(
        f"#!/bin/sh\n{exports}exec '{loader}' --library-path '{searched}' '{folder / program}' \"$@\"\n",
        encoding="utf-8",
    )
    path.chmod(0o755)
    return path
