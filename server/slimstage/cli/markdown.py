"""Markdown as terminal text: headings, code, emphasis, links and lists; everything else stays as written."""

from __future__ import annotations

from collections.abc import Iterator

from slimstage.cli.console import Console
from slimstage.text import lazy_pattern

_CODE = lazy_pattern(r"(`+)(.+?)\1")
_STRONG = lazy_pattern(r"\*\*(.+?)\*\*")
_LINK = lazy_pattern(r"\[([^\]]+)\]\(([^)\s]+)\)")


def rendered(markdown: str, console: Console) -> Iterator[str]:
    """The lines to print; without colours the marks of emphasis go, the words stay."""
    fence = ""
    for line in markdown.splitlines():
        mark = line.strip()
        if fence:
            if mark == fence:
                fence = ""
            else:
                yield "    " + console.paint(line, "code")
        elif mark.startswith("```"):
            fence = mark[: len(mark) - len(mark.lstrip("`"))]
        elif line.startswith("#"):
            yield console.paint(_inline(line.lstrip("#").strip(), console), "bold")
        else:
            yield _inline(line, console)


def _inline(line: str, console: Console) -> str:
    parts: list[str] = []
    at = 0
    for match in _CODE.finditer(line):
        parts += (_emphasis(line[at : match.start()], console), console.paint(match.group(2), "code"))
        at = match.end()
    parts.append(_emphasis(line[at:], console))
    return "".join(parts)


def _emphasis(text: str, console: Console) -> str:
    text = _LINK.sub(lambda link: link.group(1) if link.group(1) == link.group(2) else f"{link[1]} ({link[2]})", text)
    return _STRONG.sub(lambda strong: console.paint(strong.group(1), "bold"), text)
