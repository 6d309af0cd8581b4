"""What the plans for Python share: what its packages want of the system that the final stage does not have."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from slimstage.rewrites.conversion import Refused
from slimstage.rewrites.split import SplitPlan
from slimstage.syntax.nodes import Place


class Wanted(NamedTuple):
    """A Python package that is installed, and where a refusal points to; `name` is None when it has none.

    `must_be_known` when nobody but the knowledge base can tell what it needs.
    """

    name: str | None
    shown: str
    place: Place
    must_be_known: bool = False


class PythonPlan(SplitPlan):
    """One conversion in the making."""

    ecosystem = "python"

    def check_compilers(self, wanted: Iterable[Wanted]) -> None:
        """Refuse a package that calls a compiler when it runs."""
        for one in wanted:
            package = self.model.knowledge.python_package(one.name) if one.name else None
            if package is not None and package.compiles_at_run_time:
                raise Refused("compiles-at-run-time", one.place, package=package.name)

    def library_needs(self, wanted: Iterable[Wanted], built: str | None = None) -> tuple[str, ...]:
        """Run-time packages that the Python packages want and no wheel bundles: until now the build tools or the full
        base brought them along (`gcc` brings libgomp1, which LightGBM loads).

        In the names of the release that ships; `built` is the one they are compiled on when it is another.
        """
        knowledge, base = self.model.knowledge, self.base
        names: list[str] = []
        for one in wanted:
            package = knowledge.python_package(one.name) if one.name else None
            if package is None or (one.must_be_known and package.name in self.facts["links-what-is-there"]):
                if one.must_be_known:
                    raise Refused("requirement-unknown", one.place, package=one.shown)
                continue
            found = knowledge.runtime_libraries(package, base.manager, base.release, built)
            if found is None:
                image = self.stage.image_text or ""
                raise Refused("library-of-release-unknown", one.place, package=package.name, image=image)
            names += found
        return tuple(dict.fromkeys(names))

    def keep_compiler_libraries(self) -> None:
        """Keep what compilers bring for the programs they make, where it is not known which of those link it."""
        brought = self.facts.get("compiler-libraries", ())
        left = {
            package.name
            for package in self.installed
            # What is only recommended: `python3-pip` brings the compilers of Debian that way.
            if package.is_build or not package.operation.has("no-install-recommends")
        }
        compilers = {name: names for name, _, names in (entry.partition("=") for entry in brought)}
        wanted = [
            library
            for name in sorted(left & set(compilers))
            for manager, _, library in (word.partition(":") for word in compilers[name].split())
            if manager == self.base.manager and library not in self.base.contents and library not in self.extra
        ]
        if wanted:
            names = list(dict.fromkeys(wanted))
            self.extra += names
            self.layout.step("compiler-libraries", packages=", ".join(names))


def slim_tag(tag: str) -> str:
    """The slim variant of a full python tag: `3.11` -> `3.11-slim`, `3.11-bookworm` -> `3.11-slim-bookworm`,
    `latest` -> `slim`, `bookworm` -> `slim-bookworm`, `3.15-rc` -> `3.15-rc-slim`.
    """
    if tag == "latest":
        return "slim"
    if not tag[:1].isdigit():
        return f"slim-{tag}"
    version, *rest = tag.split("-")
    if rest[:1] == ["rc"]:
        version = f"{version}-{rest.pop(0)}"
    return "-".join((version, "slim", *rest))
