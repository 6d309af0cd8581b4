"""What a .NET project file says about the program it makes: its SDK, its assembly and how it is published.

MSBuild files are programs; only literal properties are read, and a value with `$(` in it is not known.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass

from slimstage.context import BuildContext
from slimstage.text import lazy_pattern

_ENDINGS = (".csproj", ".fsproj", ".vbproj")
_SDK = lazy_pattern(r"<(?:Project|Sdk)\b[^>]*?\b(?:Sdk|Name)\s*=\s*[\"']([^\"'/]+)")
_PACKAGE = lazy_pattern(r"<PackageReference\b[^>]*?\bInclude\s*=\s*[\"']([^\"']+)")
_FRAMEWORK = lazy_pattern(r"<FrameworkReference\b[^>]*?\bInclude\s*=\s*[\"']([^\"']+)")
_PROJECT = lazy_pattern(r"<ProjectReference\b[^>]*?\bInclude\s*=\s*[\"']([^\"']+)")
_COMMENT = lazy_pattern(r"<!--.*?-->", re.DOTALL)
_MAX_PROJECTS = 100


@dataclass(frozen=True)
class DotnetProject:
    """One project file. `path` is its place in the context, `text` what stands in it without comments.

    `texts` are those of the projects it references, by way of others too, and of Directory.Build.props; `complete`
    is False when one of them cannot be read.
    """

    path: str
    text: str
    texts: tuple[str, ...]
    complete: bool

    @property
    def sdk(self) -> str:
        """The SDK it names (`Microsoft.NET.Sdk.Web`), or ""."""
        found = _SDK.search(self.text)
        return found[1] if found else ""

    @property
    def assembly(self) -> str | None:
        """The name of the assembly without ending; None when it is not literal."""
        named = self.value("AssemblyName")
        return posixpath.splitext(posixpath.basename(self.path))[0] if named == "" else named

    @property
    def is_program(self) -> bool:
        """Whether it makes a program, not a library."""
        return self.sdk in ("Microsoft.NET.Sdk.Web", "Microsoft.NET.Sdk.Worker") or self.value("OutputType") in (
            "Exe",
            "exe",
            "WinExe",
        )

    @property
    def packages(self) -> frozenset[str]:
        """The packages it and the projects below it ask for, by name."""
        return frozenset(name for text in (self.text, *self.texts) for name in _PACKAGE.findall(text))

    @property
    def frameworks(self) -> frozenset[str]:
        """The shared frameworks that it and the projects below it name, or whose SDK brings them."""
        texts = (self.text, *self.texts)
        named = {name for text in texts for name in _FRAMEWORK.findall(text)}
        web = any(sdk.startswith(("Microsoft.NET.Sdk.Web", "Microsoft.NET.Sdk.Razor")) for sdk in map(_sdk_of, texts))
        return frozenset(named | ({"Microsoft.AspNetCore.App"} if web else set()))

    def value(self, name: str) -> str | None:
        """A property of the project or of Directory.Build.props; "" when it is not set, None when not literal."""
        for text in (self.text, self.texts[-1] if self.texts else ""):
            found: list[str] = re.findall(rf"<{name}\b[^>]*>\s*([^<]*?)\s*</{name}>", text)
            if len(set(found)) > 1 or (found and "$(" in found[0]):
                return None
            if found:
                return found[0]
        return ""

    def is_set(self, name: str) -> bool | None:
        """Whether a property is true; None when that is not known."""
        found = self.value(name)
        return None if found is None else found.lower() == "true"


def _sdk_of(text: str) -> str:
    found = _SDK.search(text)
    return found[1] if found else ""


def project_files(names: Sequence[str]) -> list[str]:
    """The project files among some names."""
    return [name for name in names if name.endswith(_ENDINGS)]


def read_project(context: BuildContext, path: str) -> DotnetProject | None:
    """A project file of the context with what it references; None when it is not there."""
    text = context.read_text(path)
    if text is None:
        return None
    text = _COMMENT.sub("", text)
    texts: list[str] = []
    complete = True
    seen, waiting = {path}, _references(path, text)
    while waiting and len(seen) < _MAX_PROJECTS:
        other = waiting.pop()
        if other in seen:
            continue
        seen.add(other)
        below = context.read_text(other)
        if below is None:
            complete = False
            continue
        below = _COMMENT.sub("", below)
        texts.append(below)
        waiting += _references(other, below)
    props = _props(context, path)
    return DotnetProject(path, text, (*texts, props), complete and "<Import " not in text)


def _references(path: str, text: str) -> list[str]:
    folder = posixpath.dirname(path)
    return [posixpath.normpath(posixpath.join(folder, name.replace("\\", "/"))) for name in _PROJECT.findall(text)]


def _props(context: BuildContext, path: str) -> str:
    """The nearest Directory.Build.props above a project."""
    folder = posixpath.dirname(path)
    while True:
        text = context.read_text(posixpath.join(folder, "Directory.Build.props"))
        if text is not None or not folder:
            return _COMMENT.sub("", text or "")
        folder = posixpath.dirname(folder)
