"""Records of the knowledge base as Markdown; hover, `explain` and the MCP server share these."""

from __future__ import annotations

from collections.abc import Iterable

from slimstage.knowledge import Claim, ImageMatch, KnowledgeBase, PythonPackage, SystemPackage, Text
from slimstage.knowledge.records import (
    Concept,
    DirectiveDoc,
    FlagDoc,
    InstructionDoc,
    MountDoc,
    OptionDoc,
    Pattern,
    RuleDoc,
    SeedRow,
    VariableDoc,
)
from slimstage.model.images import parse_image

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
LIBCS = ("glibc", "musl")
_BYTES = {"bytes": 1, "kB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000}
_QUANTITIES = ("disk", "download", "download-with-sample", "added", "added-with-recommends", "saving", "lists")


def size_text(size: float) -> str:
    """Bytes as decimal MB with one digit, `124.8 MB`; below 0.1 MB as kB."""
    if abs(size) < 100_000:
        return f"{size / 1_000:.1f} kB"
    return f"{size / 1_000_000:.1f} MB"


def claim_value(claim: Claim, kb: KnowledgeBase, lang: str) -> str:
    """The figure of a claim: sizes in decimal MB, other units as they are, or the interval."""
    factor = _BYTES.get(claim.unit)

    def one(value: float) -> str:
        return f"{value:g} {claim.unit}".rstrip() if factor is None else size_text(value * factor)

    low, high = one(claim.low), one(claim.high)
    if not claim.low and claim.high:
        return kb.text("describe.at_most", lang, high=high)
    return one(claim.value) if low == high else kb.text("size.interval", lang, low=low, high=high)


def describe_claim(claim: Claim, kb: KnowledgeBase, lang: str, *, subject: bool = True) -> str:
    """One list item: figure, basis, source and date; `subject` says what it is about, too."""
    quantity = (
        kb.text(f"describe.quantity.{claim.quantity}", lang)
        if claim.quantity in _QUANTITIES
        else kb.text("describe.quantity.other", lang, quantity=claim.quantity)
    )
    source = kb.sources.get(claim.source)
    line = kb.text(
        "describe.figure_about" if subject else "describe.figure",
        lang,
        subject=claim.label.to(lang) or claim.subject,
        quantity=quantity,
        value=claim_value(claim, kb, lang),
        basis=kb.text(f"describe.basis.{claim.basis}", lang),
        source=claim.source if source is None else source.title.to(lang),
        date=claim.date,
    )
    note = claim.note.to(lang)
    return f"{line}: {note}" if note else line


def describe_instruction(doc: InstructionDoc, kb: KnowledgeBase, lang: str) -> str:
    """The reference page of an instruction."""
    parts = [f"### {doc.keyword}", doc.summary.to(lang)]
    if doc.syntax:
        parts.append(_code("\n".join(doc.syntax)))
    parts.append(doc.body.to(lang))
    if doc.flags:
        lines = [f"- `--{name}`: {flag.summary.to(lang)}" for name, flag in doc.flags.items()]
        parts.append(_headed("describe.label.flags", "\n".join(lines), kb, lang))
    if doc.example:
        parts.append(_headed("describe.label.example", _code(doc.example), kb, lang))
    return _page(*parts, _see(doc.see, kb, lang), _link(doc.url, kb, lang))


def describe_flag(instruction: str, flag: FlagDoc, kb: KnowledgeBase, lang: str) -> str:
    """A flag of an instruction: `COPY --from=stage|image`."""
    value = f"={flag.value}" if flag.value else ""
    return _page(
        f"### {instruction} --{flag.name}{value}",
        flag.summary.to(lang),
        _values(flag.values, kb, lang),
        "" if flag.since is None else kb.text("describe.label.since", lang, version=flag.since),
        _link(flag.url, kb, lang),
    )


def describe_mount(doc: MountDoc, kb: KnowledgeBase, lang: str) -> str:
    """A type of `RUN --mount`, with its options."""
    lines = [f"- `{name}`: {option.summary.to(lang)}" for name, option in doc.options.items()]
    return _page(
        f"### RUN --mount=type={doc.type}",
        doc.summary.to(lang),
        doc.body.to(lang),
        _headed("describe.label.options", "\n".join(lines), kb, lang) if lines else "",
        _headed("describe.label.example", _code(doc.example), kb, lang) if doc.example else "",
        _link(doc.url, kb, lang),
    )


def describe_option(mount: str, option: OptionDoc, kb: KnowledgeBase, lang: str) -> str:
    """An option of a mount type."""
    return _page(
        f"### --mount=type={mount},{option.name}",
        option.summary.to(lang),
        _values(option.values, kb, lang),
        "" if option.default is None else kb.text("describe.label.default", lang, value=f"`{option.default}`"),
        kb.text("describe.label.aliases", lang, names=_ticked(option.aliases)) if option.aliases else "",
    )


def describe_directive(doc: DirectiveDoc, kb: KnowledgeBase, lang: str) -> str:
    """A parser directive."""
    return _page(
        f"### # {doc.name}=",
        doc.summary.to(lang),
        doc.body.to(lang),
        _values(doc.values, kb, lang),
        _headed("describe.label.example", _code(doc.example), kb, lang) if doc.example else "",
        _link(doc.url, kb, lang),
    )


def describe_variable(doc: VariableDoc, kb: KnowledgeBase, lang: str) -> str:
    """A predefined variable."""
    return _page(
        f"### {doc.name}",
        doc.summary.to(lang),
        kb.text("describe.variable.declare", lang, name=doc.name) if doc.needs_declaration else "",
        kb.text("describe.variable.value", lang, value=doc.example) if doc.example else "",
        _link(doc.url, kb, lang),
    )


def describe_image(match: ImageMatch, kb: KnowledgeBase, lang: str, wanted: str | None = None) -> str:
    """A base image; documented and measured figures side by side. `wanted` is the reference in the file."""
    image = match.image
    parts = [f"### {wanted or image.reference}"]
    if not match.exact:
        if wanted is None or wanted == image.reference:
            parts.append(kb.text("describe.image.relative", lang))
        else:
            parts.append(kb.text("describe.image.nearest", lang, wanted=wanted, known=image.reference))
    named = parse_image(wanted) if wanted is not None else None
    retired = kb.retired(named.repository, named.tag) if named is not None else None
    if retired is not None:
        args = {"wanted": wanted, "date": retired.date, "release": retired.release}
        parts.append(kb.text("describe.image.retired", lang, **args))
    parts.append(image.summary.to(lang))
    figures = [claim for claim in (image.disk, image.download, *image.documented) if claim is not None]
    facts = [describe_claim(claim, kb, lang, subject=False) for claim in figures]
    release = image.release if retired is None else retired.release
    system = " ".join(part for part in (image.distro, release) if part)
    if system:
        facts.append(kb.text("describe.image.system", lang, system=system))
    if image.libc == "none":
        facts.append(kb.text("describe.image.no_libc", lang))
    elif image.libc is not None:
        facts.append(kb.text("describe.image.libc", lang, libc=image.libc))
    if image.package_manager is not None:
        facts.append(kb.text("describe.image.manager", lang, manager=image.package_manager))
    if image.shell is not None:
        facts.append(kb.text("describe.image.shell", lang, shell=image.shell))
    elif image.distro in ("distroless", "scratch"):
        facts.append(kb.text("describe.image.no_shell", lang))
    if image.contents:
        facts.append(kb.text("describe.image.contents", lang, contents=_ticked(sorted(image.contents))))
    users = [user for user in image.users if user != "root"]
    if users:
        facts.append(kb.text("describe.image.users", lang, users=_ticked(users)))
    if image.end_of_life is not None:
        facts.append(kb.text("describe.image.eol", lang, date=image.end_of_life))
    if image.slimmer:
        slimmer = [_with_size(reference, kb, lang) for reference in image.slimmer]
        facts.append(kb.text("describe.image.slimmer", lang, images=", ".join(slimmer)))
    return _page(*parts, "\n".join(facts))


def describe_system_package(package: SystemPackage, kb: KnowledgeBase, lang: str) -> str:
    """A distribution's package: what it is for, what it adds, and what stands for it at run time."""
    facts = [describe_claim(claim, kb, lang) for claim in package.added]
    for release, names in package.twins.items():
        where = kb.text("describe.package.any_release", lang) if release == "*" else release
        facts.append(kb.text("describe.package.twin", lang, release=where, packages=_ticked(names)))
    return _page(
        f"### {package.name} ({package.manager})",
        package.summary.to(lang),
        kb.text(f"describe.package.role.{package.role}", lang),
        "\n".join(facts),
    )


def describe_python_package(
    package: PythonPackage, python: str | None, libc: str | None, kb: KnowledgeBase, lang: str
) -> str:
    """A PyPI package and its wheels for one Python ("3.11") and libc; None means all we know of."""
    facts: list[str] = []
    if not package.pure:
        for version in PYTHONS if python is None else (python,):
            flavours = LIBCS if libc is None or libc not in LIBCS else (libc,)
            facts.extend(_wheel_situation(package, version, flavour, kb, lang) for flavour in flavours)
    if package.requires_python:
        facts.append(kb.text("describe.package.requires_python", lang, versions=package.requires_python))
    for key, needs in (("build_needs", package.build_needs), ("runtime_needs", package.runtime_needs)):
        for manager, names in needs.items():
            facts.append(kb.text(f"describe.package.{key}", lang, manager=manager, packages=_ticked(names)))
    if package.compiles_at_run_time:
        facts.append(kb.text("describe.package.compiles", lang))
    return _page(
        f"### {package.name} (pip)",
        package.summary.to(lang),
        kb.text("describe.package.version", lang, version=package.version, date=package.date),
        kb.text("describe.package.pure", lang) if package.pure else "",
        "\n".join(facts),
    )


def describe_rule(doc: RuleDoc, kb: KnowledgeBase, lang: str) -> str:
    """A rule: why it exists, an example and its mending."""
    return _page(
        f"### {doc.id}",
        f"**{doc.title.to(lang)}**",
        doc.description.to(lang),
        _headed("describe.label.bad", _code(doc.bad), kb, lang) if doc.bad else "",
        _headed("describe.label.good", _code(doc.good), kb, lang) if doc.good else "",
        _see(doc.see, kb, lang),
        _link(doc.url, kb, lang),
    )


def describe_concept(concept: Concept, kb: KnowledgeBase, lang: str) -> str:
    """A concept, with its figures."""
    return _page(
        f"### {concept.title.to(lang)}",
        concept.summary.to(lang),
        concept.body.to(lang),
        _claims(concept.claims, kb, lang),
        _see(concept.see, kb, lang),
        _link(concept.url, kb, lang),
    )


def describe_pattern(pattern: Pattern, kb: KnowledgeBase, lang: str) -> str:
    """A pattern: the Dockerfile before and after, what happens, and what it weighs."""
    flow = "\n".join(f"{number}. {step.to(lang)}" for number, step in enumerate(pattern.flow, 1))
    return _page(
        f"### {pattern.title.to(lang)}",
        pattern.summary.to(lang),
        _headed("describe.label.before", _code(pattern.before), kb, lang),
        _headed("describe.label.after", _code(pattern.after), kb, lang),
        _headed("describe.label.flow", flow, kb, lang) if flow else "",
        pattern.body.to(lang),
        _claims(pattern.claims, kb, lang),
        _see(pattern.see, kb, lang),
        _link(pattern.url, kb, lang),
    )


def describe_seed_row(row: SeedRow, kb: KnowledgeBase, lang: str) -> str:
    """A statement of the founding document, whether it holds, and today's figures beside its own."""
    now = row.now.to(lang)
    return _page(
        f"### seed/{row.number}: {kb.text('describe.seed.title', lang, number=row.number)}",
        _quoted(row.statement.to(lang)),
        _headed("describe.label.verdict", row.verdict.to(lang), kb, lang),
        _headed("describe.label.now", now, kb, lang) if now else "",
        _claims(row.claims, kb, lang),
        _see(row.see, kb, lang),
    )


def title_of(topic: str, kb: KnowledgeBase, lang: str) -> str | None:
    """The human title of a concept, pattern or rule; None for other topics."""
    bare = topic.removeprefix("rule/")
    titled: Text | None = None
    for records in (kb.concepts, kb.patterns, kb.rules):
        record = records.get(bare)
        if record is not None:
            titled = record.title
            break
    return None if titled is None else titled.to(lang)


def url_of(topic: str, kb: KnowledgeBase) -> str | None:
    """The official page about a topic: its own, else that of the first source of its figures; None without one."""
    bare = topic.removeprefix("rule/")
    idea = kb.concepts.get(bare) or kb.patterns.get(bare)
    if idea is not None:
        cited = (kb.sources[claim.source].url for claim in idea.claims if claim.source in kb.sources)
        return idea.url or next((url for url in cited if url), None)
    if bare in kb.rules:
        return kb.rules[bare].url
    keyword, _, flag = topic.partition(" --")
    if keyword in kb.instructions:
        doc = kb.instructions[keyword]
        known = doc.flags.get(flag)
        return doc.url if not flag else known.url if known is not None else None
    for records, name in (
        (kb.mounts, topic.removeprefix("--mount=type=")),
        (kb.directives, topic.removeprefix("# ").removesuffix("=")),
        (kb.variables, topic),
    ):
        if name in records:
            return records[name].url
    return None


def _wheel_situation(package: PythonPackage, python: str, libc: str, kb: KnowledgeBase, lang: str) -> str:
    if not supports_python(package, python):
        return kb.text("describe.package.older", lang, python=python, libc=libc)
    wheel = package.wheel_for(python, libc)
    if wheel is None:
        key = "describe.package.no_wheel" if package.sdist is not None else "describe.package.nothing"
        return kb.text(key, lang, python=python, libc=libc)
    if wheel.unpacked is None:
        return kb.text("describe.package.wheel", lang, python=python, libc=libc, download=size_text(wheel.size))
    return kb.text(
        "describe.package.wheel_unpacked",
        lang,
        python=python,
        libc=libc,
        download=size_text(wheel.size),
        unpacked=size_text(wheel.unpacked),
    )


def supports_python(package: PythonPackage, python: str) -> bool:
    """Whether the version we know of takes that Python; yes when it does not say."""
    if not package.requires_python:
        return True
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    from packaging.version import InvalidVersion

    try:
        # The newest bug-fix release stands for the minor version: ">=3.11.4" takes "3.11".
        return SpecifierSet(package.requires_python).contains(f"{python}.99")
    except (InvalidSpecifier, InvalidVersion):
        return True


def _with_size(reference: str, kb: KnowledgeBase, lang: str) -> str:
    repository, _, tag = reference.rpartition(":")
    match = kb.image(repository, tag) if repository else None
    if match is None or not match.exact or match.image.disk is None:
        return f"`{reference}`"
    return f"`{reference}` ({claim_value(match.image.disk, kb, lang)})"


def _claims(claims: Iterable[Claim], kb: KnowledgeBase, lang: str) -> str:
    lines = "\n".join(describe_claim(claim, kb, lang) for claim in claims)
    return _headed("describe.label.sizes", lines, kb, lang) if lines else ""


def _see(topics: Iterable[str], kb: KnowledgeBase, lang: str) -> str:
    named = []
    for topic in topics:
        title, url = title_of(topic, kb, lang), url_of(topic, kb)
        name = f"`{topic}`" if url is None else f"[`{topic}`]({url})"
        named.append(name if title is None else f"{name} ({title})")
    return f"{kb.text('describe.label.see', lang)}: {', '.join(named)}" if named else ""


def _values(values: Iterable[str], kb: KnowledgeBase, lang: str) -> str:
    shown = _ticked(values)
    return kb.text("describe.label.values", lang, values=shown) if shown else ""


def _link(url: str | None, kb: KnowledgeBase, lang: str) -> str:
    return f"[{kb.text('describe.label.reference', lang)}]({url})" if url else ""


def _headed(key: str, body: str, kb: KnowledgeBase, lang: str) -> str:
    return f"**{kb.text(key, lang)}**\n\n{body}"


def _ticked(names: Iterable[str]) -> str:
    return ", ".join(f"`` {name} ``" if "`" in name else f"`{name}`" for name in names)


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.strip().splitlines())


def _code(text: str) -> str:
    return f"```dockerfile\n{text.strip()}\n```"


def _page(*parts: str) -> str:
    return "\n\n".join(part.strip() for part in parts if part and part.strip()) + "\n"
