"""Measure .deb files: the bytes their files take in a Debian slim image, and how many of them are Python source.

Run `python -m slimstage.knowledge.measure_debs FILE.deb... >> knowledge/debian/RELEASE.measured.tsv` with files
that `apt-get download` brought; then build the release's table again (debian_table.py takes the rows in).
Debian's slim images tell dpkg to leave out documentation, manual pages and translations
(/etc/dpkg/dpkg.cfg.d/docker), which Installed-Size counts: the two differ by up to 85 %.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
from pathlib import Path

LEFT_OUT = tuple(f"./usr/share/{name}/" for name in ("doc", "man", "groff", "info", "lintian", "linda", "locale"))


def measure(path: Path) -> tuple[int, int]:
    """Bytes of the regular files a slim image keeps, and of the `.py` files among them."""
    kept = python = 0
    command = ["dpkg-deb", "--fsys-tarfile", str(path)]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE) as process,
        tarfile.open(fileobj=process.stdout, mode="r|") as archive,
    ):
        for member in archive:
            excluded = member.name.startswith(LEFT_OUT) and not member.name.endswith("/copyright")
            if member.isfile() and not excluded:
                kept += member.size
                python += member.size if member.name.endswith(".py") else 0
    return kept, python


def main(arguments: list[str]) -> int:
    """Print one row per file: name, bytes kept, bytes of Python source."""
    for argument in arguments:
        path = Path(argument)
        kept, python = measure(path)
        sys.stdout.write(f"{path.name.partition('_')[0]}\t{kept}\t{python}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
