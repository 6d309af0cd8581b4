"""Image references: `[registry/]repository[:tag][@digest]`, as Docker reads them."""

from __future__ import annotations

from typing import NamedTuple

from slimstage.text import lazy_pattern

# After the grammar in github.com/distribution/reference: only the registry's name may have upper-case letters.
_PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_REFERENCE = lazy_pattern(
    rf"(?P<name>(?:(?:[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?/)?{_PART}(?:/{_PART})*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(?P<digest>[a-z0-9+._-]+:[0-9a-fA-F]{32,}))?"
)


class ImageReference(NamedTuple):
    """A parsed reference. `repository` is the familiar name: `python`, `bitnami/node`, `ghcr.io/a/b`."""

    raw: str
    repository: str
    tag: str | None = None
    digest: str | None = None

    @property
    def is_scratch(self) -> bool:
        """Whether this is the empty image."""
        return self.raw == "scratch"

    @property
    def is_official(self) -> bool:
        """Whether it is a Docker official image (`python`, not `bitnami/python`)."""
        return "/" not in self.repository

    def __str__(self) -> str:
        return self.raw


def parse_image(raw: str) -> ImageReference | None:
    """The reference `raw` spells, or None when Docker would not accept it."""
    match = _REFERENCE.fullmatch(raw)
    if match is None:
        return None
    name = match["name"]
    for prefix in ("docker.io/", "index.docker.io/", "registry-1.docker.io/"):
        name = name.removeprefix(prefix)
    return ImageReference(raw, name.removeprefix("library/"), match["tag"], match["digest"])
