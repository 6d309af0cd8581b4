""".NET on Alpine or on Ubuntu's chiseled images when that is asked for: those with ICU and time zones, as the SDK has.

The chiseled images are .NET's distroless ones. They run as a user of their own, so that they are for stages that
have one, or are asked to get one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slimstage.rewrites.bases import check_libraries, check_what_it_runs, check_without_shell, refused
from slimstage.rewrites.wishes import ROOT
from slimstage.text import lazy_pattern

if TYPE_CHECKING:
    from slimstage.rewrites.dotnet import Plan

_LOADS = lazy_pattern(r"\[\s*(?:DllImport|LibraryImport)\b|\bNativeLibrary\s*\.\s*(?:Try)?Load\b")
_SYSTEMS = {"alpine": "-alpine-extra", "distroless": "-noble-chiseled-extra"}


def on_asked_base(plan: Plan, image: str, packages: frozenset[str], *, portable: bool) -> str:
    """The image of the asked family for a program that would run on `image`; refuses where it may not do there.

    `portable` says that `dotnet` starts it and that it was published for no certain system.
    """
    asked = plan.options.base
    system = _SYSTEMS.get(asked)
    if system is None or (asked == "alpine" and plan.is_alpine):
        return image
    _, version, _, arch = plan.parts()
    if version not in plan.facts["extra-images"] or arch or not portable or plan.is_alpine:
        raise refused(plan, "image")
    check_what_it_runs(plan)
    if asked == "alpine":
        known = tuple(plan.facts["machine-code"])
        check_libraries(plan, sorted(name for name in packages if name.startswith(known)), _LOADS)
    else:
        check_without_shell(plan)
        if plan.stage.final_state.user in ROOT and not plan.options.non_root:
            raise refused(plan, "own-user", user="app")
    found = f"{image.rpartition(':')[0]}:{version}{system}"
    plan.check_user(found)
    return found
