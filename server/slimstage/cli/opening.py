"""A Dockerfile as every command opens it: its text, the settings in force and its build context."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slimstage.analysis import Analysis, AnalysisOptions
from slimstage.cli import discovery
from slimstage.context.folder import FolderContext, name_inside
from slimstage.text import SourceText

if TYPE_CHECKING:
    from slimstage.cli.config import Config, Configs
    from slimstage.cli.console import Console
    from slimstage.rules.base import Severity

STDIN = "-"
STDIN_NAME = "<stdin>"


@dataclass(slots=True, frozen=True)
class Opened:
    """What was read from `path`; `folder` holds the file, or is the current one for standard input."""

    path: str
    source: str
    folder: Path
    config: Config

    def analysis(
        self,
        console: Console,
        context: str | None = None,
        *,
        target: str | None = None,
        build_args: Iterable[str] = (),
        severities: Mapping[str, Severity] | None = None,
        platform: str | None = None,
        conversion: Mapping[str, Any] | None = None,
    ) -> Analysis:
        """The analysis with what the command line says before what the settings say."""
        settings = self.config.settings
        where = self.folder if settings.context is None else self.config.folder / settings.context
        if context is not None:
            where = Path(context)
        file = "Dockerfile" if self.path == STDIN else name_inside(self.path, where)
        return Analysis(
            SourceText(self.source),
            console.knowledge(self.config.knowledge),
            FolderContext(where),
            AnalysisOptions(
                target=target or settings.target,
                build_args={**settings.build_args, **dict(_build_arg(text) for text in build_args)},
                severities={**settings.severities, **(severities or {})},
                platform=platform,
                dockerfile=file,
                conversion={**settings.conversion, **(conversion or {})},
                path="" if self.path == STDIN else Path(os.path.abspath(self.path)).as_posix(),
            ),
        )


def opened(path: str, configs: Configs) -> Opened:
    """Read the file at `path`, or standard input for `-`. Raises `Unreadable`."""
    if path == STDIN:
        source, folder = discovery.decoded(sys.stdin.buffer.read(discovery.MAX_BYTES + 1)), Path.cwd()
    else:
        source, folder = discovery.read(path), Path(os.path.abspath(path)).parent
    return Opened(path, source, folder, configs.of(folder))


def shown(path: str) -> str:
    """A path as messages name it."""
    return STDIN_NAME if path == STDIN else path


def _build_arg(argument: str) -> tuple[str, str]:
    """`NAME=VALUE`; a bare `NAME` takes its value from the environment, as `docker build` does."""
    name, separator, value = argument.partition("=")
    return name, value if separator else os.environ.get(name, "")
