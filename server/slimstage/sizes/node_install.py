"""From one call of npm, yarn, pnpm or bun to parts: what it installs, where, and what it leaves in caches."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import TYPE_CHECKING

from slimstage.context.manifests import read_package_json
from slimstage.context.node_locks import reader_of
from slimstage.sizes import NOTHING, Size
from slimstage.sizes.calls import Call
from slimstage.sizes.environment import home, variable
from slimstage.sizes.files import absolute, compressed
from slimstage.sizes.node import archives, closure, evidence, modules
from slimstage.sizes.records import Part, between, total
from slimstage.sizes.spelling import similar
from slimstage.sizes.state import lies_in

if TYPE_CHECKING:
    from slimstage.context import BuildContext
    from slimstage.context.locks import Lock, Locked
    from slimstage.model import Stage
    from slimstage.model.packages import PackageOperation
    from slimstage.model.runs import Run

_NAMES_SHOWN = 4


def node_parts(call: Call, *, production: bool = False, into: str | None = None) -> list[Part]:
    """The parts of a call of npm, yarn, pnpm or bun; `production` leaves development packages out, `into` is the
    folder that gets node_modules (the working directory by default).
    """
    operation = call.operation
    manager = operation.manager
    context = call.around.model.context
    names = [word.name or word.raw for word in operation.packages]
    if names or operation.has("global"):
        return _node_by_name(call)
    place = absolute("node_modules", into or call.folder)
    production = production or is_production(call.stage, call.run, call.operation)
    name, read = reader_of(manager, call.node_platform)
    found: Lock | None = None
    path: str | None = None
    if context is not None:
        path = call.file(name) or (name if context.exists(name) else None)
        found = read(context, path) if path is not None else None
    root = posixpath.dirname(path) if path is not None else ""
    beside = posixpath.join(root, "node_modules")
    if found is None:
        seen = evidence(context, beside) if not production else None
        args = {"manager": manager, "file": name}
        if seen is None:
            return _without_lock(call, name, place, production=production)
        return [Part("node-evidence", args, seen, archives(seen), place)]
    left_out = _left_out(call, production=production)
    wanted = [package for package in found.packages if _stays(package, left_out, context, root)]
    weighed = modules(call.knowledge, wanted, context, beside)
    seen = evidence(context, beside) if weighed.unknown and not production else None
    disk = seen if seen is not None else weighed.disk
    counts: dict[str, object] = {"manager": manager, "count": weighed.packages, "unknown": len(weighed.unknown)}
    download = archives(disk)
    what = "node-unknown" if weighed.unknown else "node"
    records = _node_records(context, path, len(wanted), len(found.packages))
    parts = [Part(what, counts, disk + records, download + records, place)]
    cache = _node_cache(call, disk, weighed.packages, located=found.located)
    return [*parts, *cache]


def deployed(call: Call) -> list[Part]:
    """`pnpm deploy DIR`: a package's own files with its packages, on their own in a folder."""
    plain = [word.value for word in call.operation.command.words if not word.raw.startswith("-")]
    target = absolute(plain[-1], call.folder) if len(plain) > 2 else None
    if target is None:
        return [Part("command", {"command": "pnpm deploy"})]
    folder = call.folder or "/"
    own = total(part.disk for part in call.state.parts if part.what == "copy" and lies_in(part.path, folder))
    files = Size(own.bytes // 2, 0, own.high, "assumed", own.sources)
    found = node_parts(call, into=target)
    if call.operation.has("filter"):  # one package of those the lock file has
        found = [
            part._replace(disk=Size(part.disk.bytes, 0, part.disk.high, "assumed", part.disk.sources))
            if part.disk is not None
            else part
            for part in found
        ]
    return [Part("deployed", {"path": target}, files, compressed(files), target), *found]


def _node_by_name(call: Call) -> list[Part]:
    """`npm install -g typescript`: the packages named on the command line and what they need."""
    words = call.operation.packages
    hidden = [word.raw for word in words if word.name is None or word.kind != "package"]
    parts = [Part("package-variable", {"name": raw}) for raw in hidden]
    wanted = {word.name: word.version or "" for word in words if word.name is not None and word.kind == "package"}
    place = "/usr/local/lib/node_modules" if call.operation.has("global") else absolute("node_modules", call.folder)
    for name in list(wanted):
        near = similar(name, call.knowledge.node_packages)
        if near is not None:
            del wanted[name]
            args = {"name": name, "manager": call.operation.manager, "similar": near}
            parts.append(Part("package-unlisted-similar", args, path=place))
    return [*parts, *_node_closure(call, wanted, place)] if wanted else parts


def _without_lock(call: Call, lock: str, place: str | None, *, production: bool) -> list[Part]:
    """`npm install` by package.json alone: today's newest versions of what it asks for."""
    context = call.around.model.context
    needed = lock if call.operation.action == "sync" else "package.json"
    missing = [Part("lock-missing", {"manager": call.operation.manager, "file": needed}, path=place)]
    if context is None:
        return missing
    path = call.file("package.json") or "package.json"
    manifest = read_package_json(context, path)
    if manifest is None or call.operation.action == "sync":
        return missing
    wanted = dict(manifest.dependencies)
    if not production:
        wanted.update(manifest.dev_dependencies)
    if wanted:
        return _node_closure(call, wanted, place)
    return missing if context.exists(posixpath.join(posixpath.dirname(path), lock)) else []


def _node_closure(
    call: Call,
    wanted: Mapping[str, str],
    place: str | None,
) -> list[Part]:
    packages, complete = closure(call.knowledge, wanted)
    if not any(name in call.knowledge.node_packages for name in wanted):
        args = {"manager": call.operation.manager, "packages": ", ".join(list(wanted)[:_NAMES_SHOWN])}
        return [Part("packages", args, path=place)]
    weighed = modules(call.knowledge, packages, None, None)
    size = weighed.disk
    # Versions move between our measurement and the build, and what an unknown package needs is unknown too.
    disk = Size(
        size.bytes, round(size.low * 0.85), round(size.high * (1.25 if complete else 1.7)), "assumed", size.sources
    )
    counts = {"manager": call.operation.manager, "count": weighed.packages, "unknown": len(weighed.unknown)}
    parts = [Part("node-closure", counts, disk, archives(disk), place)]
    return [*parts, *_node_cache(call, disk, weighed.packages, located=False)]


def is_production(stage: Stage, run: Run, operation: PackageOperation) -> bool:
    """Whether a call of npm, yarn, pnpm or bun leaves development packages out, by its options and variables."""
    given = [value for name in ("production", "prod") for value in operation.options.get(name, ())]
    if given:
        return given[-1] != "false"
    if "dev" in operation.options.get("omit", ()) or {"production", "prod"} & set(operation.options.get("only", ())):
        return True
    if "dev" in operation.options.get("include", ()):
        return False
    assigned = dict(operation.command.assignments)
    if "NODE_ENV" in assigned:
        return assigned["NODE_ENV"].value == "production"
    environment, omit, other = (
        variable(stage, run.instruction, name) for name in ("NODE_ENV", "NPM_CONFIG_OMIT", "npm_config_omit")
    )
    return (environment or "").strip("\"'") == "production" or "dev" in (omit, other)


def _left_out(call: Call, *, production: bool) -> frozenset[str]:
    """The groups of packages that the command line leaves out."""
    optional = call.operation.has("no-optional") or "optional" in call.operation.options.get("omit", ())
    return frozenset((*(("dev",) if production else ()), *(("optional",) if optional else ())))


def _stays(package: Locked, left_out: frozenset[str], context: BuildContext | None, root: str) -> bool:
    if package.groups or "dev" not in left_out:
        return not package.groups or bool(package.groups - left_out)
    manifest = read_package_json(context, posixpath.join(root, "package.json")) if context is not None else None
    return manifest is None or package.name not in manifest.dev_dependencies


def _node_records(context: BuildContext | None, path: str | None, wanted: int, locked_: int) -> Size:
    """The copy of the lock file that npm keeps in node_modules, and its logs."""
    text = context.read_text(path) if context is not None and path is not None else None
    copy = round(len(text or "") * wanted / max(locked_, 1))
    return Size(copy + 60_000, copy // 2, copy + 300_000, "computed")


# What npm's cache held after `npm ci` of 475 packages (measured 2026-11-25): the archives, 0.25 of node_modules; 8 kB
# of index a file; and 133 kB a package of the index's answers when the lock file does not say where archives lie.
_NPM_INDEX, _NPM_ANSWER = 8_000, 133_000


def _node_cache(call: Call, disk: Size, count: int, *, located: bool) -> list[Part]:
    """The archives npm and yarn keep; pnpm links its store into node_modules, so that costs nothing more."""
    if call.operation.manager not in ("npm", "yarn") or disk is NOTHING:
        return []
    folder = ".npm" if call.operation.manager == "npm" else ".cache/yarn"
    size = disk  # yarn keeps unpacked copies
    if call.operation.manager == "npm":
        each = _NPM_INDEX + (0 if located else _NPM_ANSWER + _NPM_INDEX)
        size = archives(disk) + between(count * each, count * each * 0.5, count * each * 1.8)
        size = Size(size.bytes, 0, size.high, size.basis, size.sources)
    place = posixpath.join(home(call.stage, call.instruction), folder)
    return [Part("node-cache", {"manager": call.operation.manager}, size, size, place)]
