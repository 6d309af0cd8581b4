"""Markdown as plain text: headings, code, emphasis, links and lists; everything else stays as written."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from slimstage.text import lazy_pattern

Paint = Callable[[str, str], str]  # text and style ("code", "bold") -> text

_TOPIC = lazy_pattern(r"\[(`+[^`\]]+`+)\]\([^)\s]+\)")
_CODE = lazy_pattern(r"(`+)(.+?)\1")
_STRONG = lazy_pattern(r"\*\*(.+?)\*\*")
_LINK = lazy_pattern(r"\[([^\]]+)\]\(([^)\s]+)\)")


def rendered(markdown: str, paint: Paint) -> Iterator[str]:
    """The lines to show, the words that Markdown marks painted.

    Of a link its address stands behind its words, but not behind a name in code: that topic has a page of its own.
    """
    fence = ""
    for line in markdown.splitlines():
        mark = line.strip()
        if fence:
            if mark == fence:
                fence = ""
            else:
                yield "    " + paint(line, "code")
        elif mark.startswith("```"):
            fence = mark[: len(mark) - len(mark.lstrip("`"))]
        elif line.startswith("#"):
            yield paint(_inline(line.lstrip("#").strip(), paint), "bold")
        else:
            yield _inline(line, paint)


def plain(markdown: str) -> str:
    """The text without any marks."""
    return "\n".join(rendered(markdown, lambda text, _: text))


def _inline(line: str, paint: Paint) -> str:
    line = _TOPIC.sub(r"\1", line)
    parts: list[str] = []
    at = 0
    for match in _CODE.finditer(line):
        parts += (_emphasis(line[at : match.start()], paint), paint(match.group(2), "code"))
        at = match.end()
    parts.append(_emphasis(line[at:], paint))
    return "".join(parts)


def _emphasis(text: str, paint: Paint) -> str:
    text = _LINK.sub(lambda link: link.group(1) if link.group(1) == link.group(2) else f"{link[1]} ({link[2]})", text)
    return _STRONG.sub(lambda strong: paint(strong.group(1), "bold"), text)
