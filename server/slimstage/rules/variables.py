"""What the rules about variables share: which uses BuildKit expands, and what a base image may define."""

from __future__ import annotations

from collections.abc import Iterator

from slimstage.model import Stage
from slimstage.syntax.nodes import Instruction, VariableReference

# With these a missing variable is provided for.
PROVIDED = (":-", "-", ":+", "+", ":?", "?")

_COMMON = frozenset(
    "PATH HOME USER LANG LANGUAGE LC_ALL TERM HOSTNAME SHELL PWD TZ DEBIAN_FRONTEND GOPATH GOTOOLCHAIN PGDATA "
    "CARGO_HOME RUSTUP_HOME LD_LIBRARY_PATH PKG_CONFIG_PATH".split()
)
_ENDINGS = (
    *("_VERSION", "_HOME", "_SHA256", "_SHA512", "_SHA1", "_MAJOR", "_PATH", "_DIR", "_CONF", "_CONFIG"),
    *("_URL", "_DATA", "_ROOT", "_PREFIX", "_BASE", "_DEPS"),
)


def expanded_variables(instruction: Instruction) -> Iterator[VariableReference]:
    """The variables BuildKit expands outside of heredocs, those of a trigger excepted."""
    if not instruction.variables or instruction.keyword == "ONBUILD":
        return
    bodies = [heredoc.body_span for heredoc in instruction.heredocs]
    for reference in instruction.variables:
        if reference.modifier in PROVIDED:
            continue
        if not any(body.start <= reference.span.start < body.end for body in bodies):
            yield reference


def base_may_define(stage: Stage, name: str) -> bool:
    """Whether the image below the stage may well set a variable of that name."""
    if name == "PATH":
        return True  # BuildKit sets it even for scratch
    if stage.root.is_scratch:
        return False
    if name in _COMMON or name.endswith(_ENDINGS):
        return True
    image = stage.base_image
    return image is not None and name.partition("_")[0].lower() in image.repository.lower()
