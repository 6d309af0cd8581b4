"""Packs a folder of Ruby and C sources as a gem, since the tier asks no gem server.

The folder has a `gem.yaml`: `name`, `version`, and `extensions` (paths of extconf.rb). A gem is a tar file with
`metadata.gz` and `data.tar.gz` (rubygems/package.rb).
"""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path
from typing import Any

import yaml

_METADATA = """\
--- !ruby/object:Gem::Specification
name: {name}
version: !ruby/object:Gem::Version
  version: {version}
platform: ruby
authors: [slimstage]
bindir: bin
date: 2026-01-01 00:00:00.000000000 Z
dependencies: []
description:
email:
executables: []
extensions: [{extensions}]
extra_rdoc_files: []
files: [{files}]
homepage:
licenses: []
metadata: {{}}
post_install_message:
rdoc_options: []
require_paths: [lib]
required_ruby_version: !ruby/object:Gem::Requirement
  requirements: [[">=", !ruby/object:Gem::Version {{version: '0'}}]]
required_rubygems_version: !ruby/object:Gem::Requirement
  requirements: [[">=", !ruby/object:Gem::Version {{version: '0'}}]]
requirements: []
rubygems_version: 3.3.15
specification_version: 4
summary: {name}
test_files: []
"""


def packed(folder: Path, target: Path) -> Path:
    """Write `NAME-VERSION.gem` into `target`."""
    facts: dict[str, Any] = yaml.safe_load((folder / "gem.yaml").read_text(encoding="utf-8"))
    sources = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "gem.yaml"
    }
    metadata = _METADATA.format(
        name=facts["name"],
        version=facts["version"],
        extensions=", ".join(facts.get("extensions", ())),
        files=", ".join(sources),
    )
    parts = {
        "metadata.gz": gzip.compress(metadata.encode(), mtime=0),
        "data.tar.gz": gzip.compress(_tar(sources), mtime=0),
    }
    target.mkdir(parents=True, exist_ok=True)
    path = target / f"{facts['name']}-{facts['version']}.gem"
    path.write_bytes(_tar(parts))
    return path


def _tar(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), 0o644
            archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()
