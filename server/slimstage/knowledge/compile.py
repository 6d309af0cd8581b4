"""Compile `knowledge/` into the JSON files a wheel carries: `python -m slimstage.knowledge.compile OUT`."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from slimstage.knowledge.store import COMPILED, KINDS, data_folder, read_kind


def compile_into(out: Path, folder: Path | None = None) -> list[Path]:
    """Write `OUT/compiled/<kind>.json` and the package tables; returns the files written. Raises `KnowledgeError`."""
    folder = data_folder() if folder is None else folder
    written = []
    (out / COMPILED).mkdir(parents=True, exist_ok=True)
    for kind in KINDS:
        target = out / COMPILED / f"{kind}.json"
        text = json.dumps(read_kind(kind, folder), ensure_ascii=False, separators=(",", ":"))
        target.write_text(text, encoding="utf-8")
        written.append(target)
    for table in sorted(folder.glob("*/*.table")):  # already compact: the distributions' package tables
        target = out / table.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(table, target)
        written.append(target)
    return written


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m slimstage.knowledge.compile OUT")
    for path in compile_into(Path(sys.argv[1])):
        sys.stdout.write(f"{path}\n")
