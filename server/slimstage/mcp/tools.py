"""The tools as plain functions: arguments in, plain data and a short text out; no protocol, no SDK."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from slimstage.features.compare import compare_images
from slimstage.features.conversion import conversion_item, diff_text, size_of
from slimstage.features.describe import title_of
from slimstage.features.explain import explain as page_of
from slimstage.features.explain import search, suggest
from slimstage.features.fix_all import fix_all
from slimstage.features.packages import Wanted, lookup
from slimstage.features.report import report
from slimstage.features.sizes import size_report
from slimstage.mcp import schemas
from slimstage.mcp.resources import uri_of
from slimstage.mcp.schemas import LEVELS, PARAMETERS, Schema
from slimstage.mcp.workspace import Refused, Workspace
from slimstage.rewrites.conversion import WISHES
from slimstage.sizes import decimal


@dataclass(slots=True, frozen=True)
class Call:
    """One call: the workspace, and `step`, which tells how far it is and raises when the client gave up."""

    workspace: Workspace
    lang: str
    step: Callable[[int, int, str], None] = lambda done, total, key: None

    def text(self, key: str, **arguments: Any) -> str:
        """A text of `knowledge/messages/mcp.yaml` below `mcp.answer`."""
        return self.workspace.host.knowledge(()).text(f"mcp.answer.{key}", self.lang, **arguments)

    def size(self, item: dict[str, Any]) -> str:
        """A size in words."""
        return self.workspace.host.knowledge(()).interval(size_of(item).shown, self.lang)


@dataclass(slots=True, frozen=True)
class Answer:
    """`data` fits the tool's output schema; `text` says the same in short lines, for clients that show only text."""

    data: dict[str, Any]
    text: str


@dataclass(slots=True, frozen=True)
class Tool:
    """Title and description are the texts `mcp.tool.<name>.title` and `.description`."""

    name: str
    run: Callable[..., Answer]
    parameters: tuple[str, ...]
    output: Schema
    required: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)  # parameter -> its key in PARAMETERS
    writes: bool = False
    asks: bool = False  # registries, when the user allowed it

    def input_schema(self, text: Callable[[str], str]) -> Schema:
        """What it takes; `text` gives the description of a key."""
        properties = {
            name: {**PARAMETERS[key], "description": text(f"mcp.parameter.{key}")}
            for name in self.parameters
            for key in [self.renamed.get(name, name)]
        }
        schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
        return {**schema, "required": list(self.required)} if self.required else schema


def check_dockerfile(
    call: Call,
    *,
    text: str | None = None,
    path: str | None = None,
    context: str | None = None,
    target: str | None = None,
    severity: str = "hint",
    limit: int = 50,
    detail: str = "brief",
) -> Answer:
    """Findings of a Dockerfile; `full` items are those of `slimstage check --format json`."""
    call.step(0, 3, "reading")
    document = call.workspace.document(text, path, context, target)
    call.step(1, 3, "checking")
    analysis = document.analysis
    assert analysis.findings is not None
    call.step(2, 3, "fixing")
    items = report(analysis, document.name, call.lang)
    worst = LEVELS.index(severity)
    chosen = [item for item in items if LEVELS.index(item["severity"]) <= worst]
    counts = Counter(item["severity"] for item in chosen)
    shown = chosen[:limit]
    data = {
        "path": document.name,
        "total": len(chosen),
        "counts": {level: counts[level] for level in LEVELS},
        "truncated": len(shown) < len(chosen),
        "findings": shown if detail == "full" else [_brief(item) for item in shown],
    }
    lines = [call.text("findings", count=len(chosen), path=visible(document.name))]
    lines += [_line(call, _brief(item)) for item in shown]
    if len(shown) < len(chosen):
        lines.append(call.text("more", count=len(chosen) - len(shown)))
    return Answer(data, "\n".join(lines))


def _brief(item: Mapping[str, Any]) -> dict[str, Any]:
    """A finding in a few words; lines count from 1, `fix` is what the best fix does, left out when there is none."""
    brief = {
        "line": item["range"]["start"]["line"] + 1,
        "rule": item["rule"],
        "severity": item["severity"],
        "message": item["message"],
    }
    fixes = sorted(item["fixes"], key=lambda fix: not fix["safe"])
    return {**brief, "fix": fixes[0]["title"], "safe": fixes[0]["safe"]} if fixes else brief


def _line(call: Call, brief: Mapping[str, Any]) -> str:
    line = f"{brief['line']}: {brief['severity']} {brief['rule']}: {visible(brief['message'])}"
    return f"{line} [{call.text('fix', title=visible(brief['fix']))}]" if "fix" in brief else line


def estimate_size(
    call: Call,
    *,
    text: str | None = None,
    path: str | None = None,
    context: str | None = None,
    target: str | None = None,
    detail: str = "brief",
) -> Answer:
    """Sizes by line, stage and image; `full` is the item of `slimstage size --format json`."""
    call.step(0, 2, "reading")
    document = call.workspace.document(text, path, context, target)
    analysis, online, settled = document.analysis, None, 0
    if call.workspace.online and analysis.sizes is not None:
        from slimstage.mcp.online import asked  # nothing else loads a network module

        def progress(done: int, wanted: int) -> None:
            nonlocal settled
            settled = done
            call.step(done, wanted + 2, "asking")

        answer = asked(analysis, call.lang, progress)
        reasons = [visible(reason) for reason in answer.reasons]
        analysis, online = answer.analysis, {"missed": answer.missed, "reasons": reasons}
    call.step(settled + 1, settled + 2, "estimating")
    found = size_report(analysis, call.lang)
    if found is None:
        raise Refused("no_stage")
    image = found["image"]
    adding = [one for one in found["instructions"] if one["disk"]["high"] or _unknown(one)]
    lines = [call.text("image", disk=size_of(image["disk"]), download=size_of(image["download"]))]
    lines += [
        f"{one['line']}: {one['keyword']} ({visible(one['stage'])}): {call.size(one['disk'])}"
        + "".join(f", {call.text('unknown_part', part=visible(part))}" for part in _unknown(one))
        for one in adding
    ]
    data = {"path": document.name, **(found if detail == "full" else _brief_sizes(found, adding))}
    if online is not None:
        data["online"] = online
        if online["missed"]:
            lines.append(call.text("online_missed", missed=online["missed"], reasons="; ".join(reasons)))
    return Answer(data, "\n".join(lines))


def _brief_sizes(found: Mapping[str, Any], adding: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Without sources, parts and the lines that add nothing."""

    def bare(item: Mapping[str, Any], *names: str) -> dict[str, Any]:
        return {name: {key: item[name][key] for key in schemas.SIZE["properties"]} for name in names}

    return {
        "image": {**found["image"], **bare(found["image"], "disk", "download")},
        "stages": [{**stage, **bare(stage, "base", "disk", "download")} for stage in found["stages"]],
        "instructions": [
            {
                "line": one["line"],
                "stage": one["stage"],
                "keyword": one["keyword"],
                **bare(one, "disk", "download"),
                "unknown": _unknown(one),
            }
            for one in adding
        ],
    }


def _unknown(instruction: Mapping[str, Any]) -> list[str]:
    return [part["what"] for part in instruction["parts"] if part["disk"] is None]


def convert_to_multi_stage(
    call: Call,
    *,
    text: str | None = None,
    path: str | None = None,
    context: str | None = None,
    detail: str = "brief",
    **wishes: Any,
) -> Answer:
    """The item of `slimstage convert --format json`, with a diff in full detail; `wishes` are `ConversionOptions`."""
    call.step(0, 2, "reading")
    document = call.workspace.document(text, path, context, wishes=wishes)
    call.step(1, 2, "planning")
    item = conversion_item(document.analysis, document.name, call.lang)
    if not item["converted"]:
        return Answer(item, call.text("refused", reason=visible(item["reason"])))
    if detail == "full":
        item["diff"] = diff_text(document.name, document.analysis.source.text, item["dockerfile"])
    lines = [call.text("converted", path=visible(document.name))]
    lines += [f"- {visible(step['what'])}: {visible(step['why'])}" for step in item["steps"]]
    if item["before"] is not None and item["after"] is not None:
        lines.append(call.text("sizes", before=size_of(item["before"]), after=size_of(item["after"])))
    elif item["unknown"]:
        lines.append(call.text("sizes_unknown", images=visible(", ".join(item["unknown"]))))
    return Answer(item, "\n".join([*lines, *fenced(item["dockerfile"], "dockerfile")]))


def apply_fixes(
    call: Call,
    *,
    text: str | None = None,
    path: str | None = None,
    context: str | None = None,
    detail: str = "brief",
    write: bool = False,
) -> Answer:
    """The text that `slimstage check --fix` makes."""
    if write and (path is None or text is not None):
        raise Refused("write_needs_path")
    call.step(0, 3, "reading")
    document = call.workspace.document(text, path, context)
    call.step(1, 3, "checking")
    assert document.analysis.findings is not None
    call.step(2, 3, "fixing")
    mended, applied = fix_all(document.analysis)
    before, after = document.analysis.source.text, mended.source.text
    written = write and after != before
    if written:
        assert document.file is not None
        call.step(3, 3, "writing")  # the last chance to give up
        call.workspace.host.replace(document.file, after)
    data: dict[str, Any] = {
        "path": document.name,
        "applied": applied,
        "remaining": len(mended.findings),
        "dockerfile": after,
        "written": written,
    }
    if detail == "full":
        data["diff"] = diff_text(document.name, before, after)
    lines = [call.text("fixed", count=applied, path=visible(document.name), remaining=len(mended.findings))]
    if written:
        lines.append(call.text("written", path=visible(document.name)))
    elif applied:
        lines += fenced(after, "dockerfile")
    return Answer(data, "\n".join(lines))


def explain(call: Call, *, topic: str) -> Answer:
    """The page that `slimstage explain` prints, as Markdown."""
    page = page_of(call.workspace.base(), topic, call.lang)
    if page is None:
        near = ", ".join(suggest(call.workspace.base(), topic))
        raise Refused("unknown_topic", topic=visible(topic), near=near)
    return Answer({"topic": topic, "markdown": page}, page)


def compare_base_images(call: Call, *, images: list[str]) -> Answer:
    """Images side by side; a single one beside its slimmer variants."""
    rows = compare_images(call.workspace.base(), images, call.lang)
    return Answer({"images": rows}, "\n".join(_image_line(call, row) for row in rows))


def _image_line(call: Call, row: Mapping[str, Any]) -> str:
    name = visible(row["image"])
    if row["facts"] is None:
        return f"{name}: {call.text('unknown_image')}"
    parts = []
    for key in ("disk", "download"):
        if row[key] is not None:
            parts.append(call.text(f"{key}_size", size=size_of(row[key]), basis=row[key]["basis"]))
    facts = row["facts"]
    parts += [str(facts[key]) for key in ("distribution", "libc", "package_manager") if facts[key]]
    if row["known"] == "relative":
        parts.append(call.text("relative", image=row["facts_of"]))
    return f"{name}: {', '.join(parts)}"


def lookup_package(
    call: Call,
    *,
    name: str,
    manager: str | None = None,
    release: str | None = None,
    python: str | None = None,
    libc: str | None = None,
    machine: str | None = None,
) -> Answer:
    """One package as each package manager knows it."""
    base = call.workspace.base()
    found = lookup(base, name.strip(), manager, Wanted(release, python, libc, machine), call.lang)
    if not found:
        near = ", ".join(suggest(base, f"{manager}/{name}" if manager else name))
        raise Refused("unknown_package", name=visible(name), near=near)
    lines: list[str] = []
    for item in found:
        lines += _package_lines(call, item)
    return Answer({"name": name.strip(), "packages": found}, "\n".join(lines))


def _package_lines(call: Call, item: Mapping[str, Any]) -> Iterator[str]:
    head = f"{item['manager']} {item['name']}"
    if item["manager"] == "npm":
        for version in item["versions"]:
            yield call.text("npm", package=head, version=version["version"], size=_bytes(version["bytes"]))
        return
    yield f"{head}: {item['summary'] or ''}".rstrip(": ") + (f" ({item['role']})" if item.get("role") else "")
    for twin in item.get("twins", ()):
        yield call.text("twin", release=twin["release"], packages=", ".join(twin["packages"]))
    for install in item.get("installs", ()):
        key = "install_recommends" if install["recommends"] else "install"
        key = "install_apk" if item["manager"] == "apk" else key
        yield call.text(key, release=install["release"], size=size_of(install["disk"]), count=install["packages"])
    for wheel in item.get("wheels", ()):
        where = f"Python {wheel['python']}, {wheel['libc']}, {wheel['machine']}"
        size = _bytes(wheel["download"] or 0)
        yield call.text(f"takes.{wheel['takes']}", where=where, wheel=wheel["wheel"], size=size)
    for key in ("build_needs", "runtime_needs"):
        for manager, names in item.get(key, {}).items():
            yield call.text(key, manager=manager, packages=", ".join(names))


def _bytes(count: int) -> str:
    return decimal(count)


def search_knowledge(call: Call, *, query: str, limit: int = 10) -> Answer:
    """Topics that hold the words of `query`, in either language, best first."""
    base = call.workspace.base()
    found = search(base, query)
    results = [
        {"topic": topic, "title": title_of(topic, base, call.lang) or topic, "uri": uri_of(base, topic)}
        for topic, _ in found[:limit]
    ]
    lines = [": ".join(dict.fromkeys((str(row["topic"]), str(row["title"])))) for row in results]
    return Answer({"total": len(found), "results": results}, "\n".join(lines) or call.text("nothing_found"))


def visible(text: str) -> str:
    """`text` on one line without what could steer a terminal or hide words: control and bidirectional characters."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else " " for character in text)


def fenced(text: str, language: str = "") -> list[str]:
    """`text` as a Markdown block that nothing in it can close."""
    fence = "```"
    while fence in text:
        fence += "`"
    return [f"{fence}{language}", text.rstrip("\n"), fence]


_INPUT = ("text", "path", "context")
TOOLS: tuple[Tool, ...] = (
    Tool(
        "check_dockerfile",
        check_dockerfile,
        (*_INPUT, "target", "severity", "limit", "detail", "lang"),
        schemas.FINDINGS,
    ),
    Tool("estimate_size", estimate_size, (*_INPUT, "target", "detail", "lang"), schemas.SIZES),
    Tool("convert_to_multi_stage", convert_to_multi_stage, (*_INPUT, *WISHES, "detail", "lang"), schemas.CONVERSION),
    Tool("apply_fixes", apply_fixes, (*_INPUT, "detail", "lang"), schemas.FIXED),
    Tool("explain", explain, ("topic", "lang"), schemas.PAGE, ("topic",)),
    Tool("compare_base_images", compare_base_images, ("images", "lang"), schemas.IMAGES, ("images",)),
    Tool(
        "lookup_package",
        lookup_package,
        ("name", "manager", "release", "python", "libc", "machine", "lang"),
        schemas.PACKAGES,
        ("name",),
    ),
    Tool(
        "search_knowledge",
        search_knowledge,
        ("query", "limit", "lang"),
        schemas.FOUND,
        ("query",),
        {"limit": "results"},
    ),
)


def tools_of(workspace: Workspace) -> tuple[Tool, ...]:
    """The tools on offer: `apply_fixes` takes `write`, and `estimate_size` asks, only when the user allowed it."""
    return tuple(_allowed(tool, workspace) for tool in TOOLS)


def _allowed(tool: Tool, workspace: Workspace) -> Tool:
    if workspace.allow_write and tool.name == "apply_fixes":
        return replace(tool, parameters=(*tool.parameters, "write"), writes=True)
    if workspace.online and tool.name == "estimate_size":
        return replace(tool, asks=True)
    return tool


def call_tool(
    workspace: Workspace, name: str, arguments: Mapping[str, Any], step: Callable[[int, int, str], None]
) -> Answer | None:
    """The answer of a tool, or None when there is none of that name. Raises `Refused`."""
    tool = next((tool for tool in tools_of(workspace) if tool.name == name), None)
    if tool is None:
        return None
    given = schemas.checked(arguments, tool.input_schema(str))
    lang = workspace.language(given.pop("lang", None))
    return tool.run(Call(workspace, lang, step), **given)
