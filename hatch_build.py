"""Build hook: a wheel carries the knowledge compiled to JSON, which loads some fifty times faster than YAML."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileKnowledge(BuildHookInterface):  # type: ignore[type-arg]
    """Adds `slimstage/knowledge/data` to wheels; an editable install reads `knowledge/` of the checkout."""

    PLUGIN_NAME = "custom"
    _folder: Path | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile into a temporary folder and include it."""
        if version == "editable":
            return
        root = Path(self.root)
        sys.path.insert(0, str(root / "server"))
        try:
            from slimstage.knowledge.compile import compile_into  # noqa: PLC0415 - found only now
        finally:
            sys.path.pop(0)
        self._folder = Path(tempfile.mkdtemp(prefix="slimstage-knowledge-"))
        for path in compile_into(self._folder, root / "knowledge"):
            target = Path("slimstage/knowledge/data") / path.relative_to(self._folder)
            build_data["force_include"][str(path)] = target.as_posix()

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the temporary folder."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
