"""The resolver against `apt-get -s install` of the machine, on a made-up slim system of the machine's release.

Runs where apt and its package lists are present (after `apt-get update`); the lists are newer than our table, so
a few requests may differ by what changed since: at least 95 of 100 must agree.
"""

from __future__ import annotations

import random
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.sizes.test_apt import base

from slimstage.knowledge.debian_table import DebianTable, build, version_key
from slimstage.sizes.apt import closure

pytestmark = pytest.mark.apt

LISTS = Path("/var/lib/apt/lists")
REQUESTS = """gcc|g++|make|build-essential|cmake|pkg-config|autoconf automake libtool|libpq-dev|libpq5|libssl-dev
libffi-dev|python3-dev|python3-pip|python3-venv|libmagic1|libmagic-dev|git|curl|wget|ca-certificates|gnupg
openssh-client|nginx|apache2|php-fpm|default-jdk|default-jre-headless|nodejs npm|ruby-full|golang-go|rustc cargo
ffmpeg|imagemagick|libgl1 libglib2.0-0|libxml2-dev libxslt1-dev|default-libmysqlclient-dev|libldap2-dev libsasl2-dev
libcairo2-dev|libjpeg-dev zlib1g-dev|libopencv-dev|postgresql-client|default-mysql-client|redis-tools|sqlite3
supervisor|cron|vim|nano|less|procps|net-tools|iputils-ping|dnsutils|tzdata|locales|unzip|xz-utils|rsync|jq|sudo
gosu|tini|dumb-init|xvfb|fonts-dejavu|poppler-utils|tesseract-ocr|graphviz|libgeos-dev libproj-dev|libhdf5-dev
liblapack-dev gfortran|libopenblas-dev|libboost-all-dev|libcurl4-openssl-dev|libzmq3-dev|librdkafka-dev
protobuf-compiler|swig|clang|gdb|strace|software-properties-common|lsb-release|libicu-dev|libyaml-dev|libreadline-dev
libbz2-dev|libsqlite3-dev|tk-dev|uuid-dev|libnss3 libgbm1|portaudio19-dev|libsndfile1|memcached|haproxy|openssh-server
iptables|iproute2|nmap|socat|netcat-openbsd|gettext|libpango-1.0-0|ghostscript|r-base-core|erlang|maven|ant
libusb-1.0-0-dev|libgirepository1.0-dev|qtbase5-dev|libsdl2-dev|dbus|systemd|squashfs-tools|python3-numpy
python3-opencv|python3-lxml|gunicorn|certbot|msmtp|logrotate|file|bc|parallel|pv|tree|binutils|nasm|bison flex
ninja-build meson|ccache|subversion|mercurial|musl-tools|musl-dev|libc6-dev"""


def release() -> str | None:
    text = Path("/etc/os-release").read_text(encoding="utf-8") if Path("/etc/os-release").exists() else ""
    found = re.search(r"^VERSION_CODENAME=(\w+)", text, re.MULTILINE)
    return found[1] if found and "ID=debian" in text else None


def indexes(codename: str) -> list[str]:
    """The texts of the release's main package lists, as the machine's apt has them."""
    texts: list[str] = []
    for path in sorted(LISTS.glob(f"*_dists_{codename}*_main_binary-amd64_Packages*")):
        shown = subprocess.run(
            ["/usr/lib/apt/apt-helper", "cat-file", str(path)], capture_output=True, text=True, check=False
        )
        texts.append(shown.stdout)
    return texts


def test_same_packages_as_apt(tmp_path: Path) -> None:
    codename = release()
    if codename not in ("bookworm", "trixie", "bullseye") or shutil.which("apt-get") is None:
        pytest.skip("needs apt-get on a Debian release we have a table for")
    texts = indexes(codename)
    if not any(len(text) > 10_000_000 for text in texts):
        pytest.skip("apt has no package lists here (run apt-get update)")
    present = base(codename)
    status: dict[str, tuple[str, str]] = {}
    for text in texts:
        for paragraph in text.split("\n\n"):
            name, version = (
                re.search(r"^Package: (\S+)", paragraph),
                re.search(r"^Version: (\S+)", paragraph, re.MULTILINE),
            )
            if name and version and name[1] in present:
                old = status.get(name[1])
                if old is None or version_key(version[1]) > version_key(old[0]):
                    installed = paragraph.replace("\n", "\nStatus: install ok installed\n", 1)
                    status[name[1]] = (version[1], installed)
    (tmp_path / "status").write_text("\n\n".join(text for _, text in status.values()) + "\n", encoding="utf-8")
    (tmp_path / "sources.parts").mkdir()
    options = [f"-oDir::State::status={tmp_path}/status", f"-oDir::Cache={tmp_path}"]
    options += ["-oDir::Cache::pkgcache=packages.bin", "-oDir::Cache::srcpkgcache=sources.bin"]  # made once
    table = DebianTable(build(codename, "2000-01-01", texts, {}))
    singles = [request.split() for request in re.split(r"[|\n]", REQUESTS)]
    chance = random.Random(4)
    requests = [(request, bool(index % 2)) for index, request in enumerate(singles)]
    requests += [
        ([name for request in chance.sample(singles, 3) for name in request], bool(index % 2)) for index in range(70)
    ]
    asked, different = 0, []
    for request, recommends in requests:
        flags = [] if recommends else ["--no-install-recommends"]
        answer = subprocess.run(
            ["apt-get", "-s", *options, "install", "-y", *flags, *request], capture_output=True, text=True, check=False
        )
        if answer.returncode:
            continue
        asked += 1
        wanted = {line.split()[1].split(":")[0] for line in answer.stdout.splitlines() if line.startswith("Inst ")}
        found = set(closure(table, request, present, recommends=recommends).added)
        if found != wanted:
            different.append((request, recommends, sorted(wanted - found)[:4], sorted(found - wanted)[:4]))
    assert asked >= 200
    assert len(different) <= asked * 0.05, different
