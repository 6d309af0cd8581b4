"""What COPY and ADD bring from the build context, and heredoc files."""

from __future__ import annotations

import fnmatch
import posixpath
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from slimstage.context import normal_path
from slimstage.context.ignore import IgnoreRules, parse_ignore
from slimstage.sizes import Size, exactly
from slimstage.sizes.records import Part, scaled

if TYPE_CHECKING:
    from slimstage.context import FileTree
    from slimstage.context.ignore import VisibleContext
    from slimstage.model import Stage
    from slimstage.sizes.state import Surroundings
    from slimstage.syntax.nodes import Instruction

SOURCE = "build-context"
_ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".txz", ".tar.zst")
# gzip of source code and of what is compressed already: 0.2 to 1.
_COMPRESSED, _COMPRESSED_LOW, _COMPRESSED_HIGH = 0.35, 0.1, 1.02


def copied(stage: Stage, instruction: Instruction, around: Surroundings) -> list[Part]:
    """The parts of a COPY or ADD without --from."""
    words = instruction.arguments
    if len(words) < 2:
        return []
    folder = stage.state_before(instruction).workdir
    target = absolute(stage.expand(words[-1], instruction), folder)
    into = words[-1].raw.endswith("/") or words[-1].raw in (".", "..") or len(words) > 2
    left_out = [flag.value for flag in instruction.flags if flag.name == "exclude" and flag.value]
    parts: list[Part] = []
    for heredoc in instruction.heredocs:
        name = posixpath.join(target, heredoc.delimiter) if target is not None and into else target
        count = len(heredoc.content.encode("utf-8", "surrogatepass"))
        size = exactly(count, "measured", SOURCE)
        parts.append(Part("heredoc", {"file": name or heredoc.delimiter}, size, compressed(size), name))
    for word in words[:-1]:
        if not word.raw.startswith("<<"):
            source = stage.expand(word, instruction)
            parts.append(_source(instruction, source, word.raw, target, into, around.context, left_out))
    return parts


def absolute(path: str | None, folder: str | None) -> str | None:
    """A path seen from a working directory; None when either is not known and matters."""
    if path is None:
        return None
    if not path.startswith("/"):
        if folder is None:
            return None
        path = posixpath.join(folder, path)
    return "/" + posixpath.normpath(path).lstrip("/")


def compressed(size: Size) -> Size:
    """The bytes of project files in a compressed layer."""
    return scaled(size, _COMPRESSED, _COMPRESSED_LOW, _COMPRESSED_HIGH)


def _source(
    instruction: Instruction,
    source: str | None,
    raw: str,
    target: str | None,
    into: bool,
    context: VisibleContext | None,
    left_out: Sequence[str],
) -> Part:
    if source is None:
        return Part("copy-variable", {"source": raw}, path=target)
    if instruction.keyword == "ADD" and ("://" in source or source.startswith("git@")):
        path = posixpath.join(target, posixpath.basename(source)) if target is not None and into else target
        return Part("add-url", {"source": source}, path=path)
    if context is None:
        return Part("copy-no-context", {"source": source}, path=target)
    found = [_tree(name, context, left_out) for name in matching(source, context)]
    trees = [tree for tree in found if tree is not None]
    if not trees:
        what = "copy-ignored" if context.is_left_out(source) else "copy-missing"
        return Part(what, {"source": source}, path=target)
    count = sum(tree.bytes for tree in trees)
    complete = all(tree.complete for tree in trees)
    size = exactly(count, "measured", SOURCE)
    if not complete:
        size = Size(count, count, count * 3, "assumed", (SOURCE,))
    if instruction.keyword == "ADD" and source.endswith(_ARCHIVES):
        size = _unpacked(source, size, context)
        return Part("add-archive", {"source": source}, size, compressed(size), target)
    normal = normal_path(source)
    glob = any(character in source for character in "*?[")
    is_file = (not glob and context.read_text(normal) is not None) or (not glob and not context.list(normal))
    path = target
    if is_file and into and target is not None:
        path = posixpath.join(target, posixpath.basename(normal))
    files = sum(tree.files for tree in trees)
    what = "copy" if complete else "copy-incomplete"
    origin = None if glob else normal
    return Part(what, {"source": source, "files": files}, size, compressed(size), path, origin)


def _unpacked(source: str, size: Size, context: VisibleContext) -> Size:
    """What an archive holds: a tar's headers and padding are left out, at most a tenth for many small files."""
    if source.endswith(".tar"):
        return Size(round(size.bytes * 0.97), round(size.low * 0.85), size.high, "computed", (SOURCE,))
    count = context.unpacked(normal_path(source))
    if count is not None:
        return Size(round(count * 0.97), round(count * 0.85), count, "computed", (SOURCE,))
    return Size(size.bytes * 4, size.low, size.high * 12, "assumed", (SOURCE,))


def _tree(name: str, context: VisibleContext, left_out: Sequence[str]) -> FileTree | None:
    if not left_out:
        return context.tree(name)
    return context.tree(name, _Without(name, parse_ignore("\n".join(left_out))))


class _Without(NamedTuple):
    """A source without what `--exclude` names, which counts from the source's own folder."""

    root: str
    rules: IgnoreRules

    def keeps(self, path: str) -> bool:
        return not self.rules.excludes(self._inside(path))

    def enters(self, folder: str) -> bool:
        return self.keeps(folder) or self.rules.may_keep_inside(self._inside(folder))

    def _inside(self, path: str) -> str:
        return posixpath.basename(path) if path == self.root else path[len(self.root) + 1 if self.root else 0 :]


def matching(source: str, context: VisibleContext) -> list[str]:
    """The paths of the context that a source names; wildcards are expanded part by part as BuildKit does it."""
    normal = normal_path(source)
    if not any(character in normal for character in "*?["):
        return [normal] if context.exists(normal) or not normal else []
    found = [""]
    for part in normal.split("/"):
        following: list[str] = []
        for folder in found:
            prefix = folder + "/" if folder else ""
            if any(character in part for character in "*?["):
                following += [prefix + name for name in context.list(folder) if fnmatch.fnmatchcase(name, part)]
            elif context.exists(prefix + part):
                following.append(prefix + part)
        found = following[:10_000]
    return found
