"""Which package indexes the user's own clients ask: the settings of pip and npm. No index is named here."""

from __future__ import annotations

import base64
import configparser
import importlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit, urlunsplit

from slimstage.online.http import allowed


class Index(NamedTuple):
    """A package index: its URL without a slash at the end, and the headers that its host is to get."""

    url: str
    headers: dict[str, str]


def python_index() -> Index | None:
    """The index that pip asks: its environment, its configuration files, its own default; None without any."""
    if os.environ.get("PIP_NO_INDEX", "").lower() not in ("", "0", "false", "no", "off"):
        return None
    return _index(os.environ.get("PIP_INDEX_URL") or _pip_files() or _pip_default())


def _pip_files() -> str | None:
    """`index-url` of pip's configuration files, the most particular file first."""
    named = os.environ.get("PIP_CONFIG_FILE")
    if named == os.devnull:
        return None
    home = Path.home()
    if sys.platform == "win32":
        roaming = Path(os.environ.get("APPDATA") or home / "AppData" / "Roaming")
        files = [home / "pip" / "pip.ini", roaming / "pip" / "pip.ini"]
    else:
        config = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
        files = [config / "pip" / "pip.conf", home / ".pip" / "pip.conf", Path("/etc/xdg/pip/pip.conf")]
        files.append(Path("/etc/pip.conf"))
        if sys.platform == "darwin":
            files.insert(0, home / "Library" / "Application Support" / "pip" / "pip.conf")
    name = "pip.ini" if sys.platform == "win32" else "pip.conf"
    for path in [*([Path(named)] if named else []), Path(sys.prefix) / name, *files]:
        parser = configparser.RawConfigParser()
        try:
            parser.read_string(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, configparser.Error):
            continue
        for section in ("install", "global"):
            if parser.has_option(section, "index-url"):
                return parser.get(section, "index-url").strip()
    return None


def _pip_default() -> str | None:
    """What pip asks without any setting, from the pip that is here."""
    try:
        return str(importlib.import_module("pip._internal.models.index").PyPI.simple_url)
    except Exception:  # another pip, or none: its inner modules promise nothing
        return None


def node_index() -> Index | None:
    """The registry that npm asks: its environment, the user's file, npm's own answer; None without any."""
    for name, value in os.environ.items():
        if name.lower() == "npm_config_registry" and value:
            return _index(value)
    path = Path(os.environ.get("NPM_CONFIG_USERCONFIG") or Path.home() / ".npmrc")
    try:
        found = re.search(r"^\s*registry\s*=\s*(\S+)\s*$", path.read_text(encoding="utf-8"), re.MULTILINE)
    except (OSError, ValueError):
        found = None
    return _index(found[1].strip("\"'") if found else _npm_answer())


def _npm_answer() -> str | None:
    program = shutil.which("npm")
    if program is None:
        return None
    try:  # at home, since a project's own settings must not send us anywhere
        done = subprocess.run(
            [program, "config", "get", "registry"],
            cwd=Path.home(),
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _index(url: str | None) -> Index | None:
    """A usable index: https, or http on this machine; credentials in the URL become a header."""
    if not url or not allowed(url):
        return None
    parts = urlsplit(url)
    headers: dict[str, str] = {}
    user, at, host = parts.netloc.rpartition("@")
    if at:
        name, _, password = user.partition(":")
        plain = f"{unquote(name)}:{unquote(password)}".encode()
        headers["Authorization"] = "Basic " + base64.b64encode(plain).decode()
    return Index(urlunsplit((parts.scheme, host, parts.path, "", "")).rstrip("/"), headers)
