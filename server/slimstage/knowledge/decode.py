"""Plain data -> records. A fault names its place in the file, so that an author can go there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast, get_args

from slimstage.knowledge.records import (
    EMPTY,
    BaseImage,
    Claim,
    ClaimBasis,
    Concept,
    DirectiveDoc,
    FlagDoc,
    InstructionDoc,
    MeasuredWheel,
    MountDoc,
    OptionDoc,
    Pattern,
    PythonPackage,
    Role,
    RuleDoc,
    SeedRow,
    Snippet,
    Source,
    SystemPackage,
    Text,
    VariableDoc,
    Wheel,
)
from slimstage.knowledge.store import Place
from slimstage.text import close_matches

T = TypeVar("T")
_BASES = frozenset(get_args(ClaimBasis))
_ROLES = frozenset(get_args(Role))
_LIBCS = frozenset({"glibc", "musl", "none"})
_IMAGE_KINDS = frozenset({"full", "slim", "alpine", "minimal", "runtime", "sdk", "server", "os"})


class Fault(Exception):
    """What is wrong (a text `knowledge.fault.<key>`, filled with `arguments`), and where below the top of the file."""

    def __init__(self, place: Place, key: str, **arguments: str) -> None:
        self.place = place
        self.key = key
        self.arguments = arguments
        super().__init__(key)


class Fields:
    """The mapping at `place`; reading a field marks it as known, `done()` complains about the others."""

    __slots__ = ("data", "place", "read")

    def __init__(self, data: Any, place: Place) -> None:
        if not isinstance(data, dict):
            raise _unexpected(place, "mapping", data)
        self.data: dict[str, Any] = data
        self.place = place
        self.read: set[str] = set()

    def has(self, name: str) -> bool:
        """Whether the field is there and not null."""
        self.read.add(name)
        return self.data.get(name) is not None

    def get(self, name: str, convert: Callable[[Any, Place], T]) -> T:
        """A required field."""
        if not self.has(name):
            raise Fault(self.place, "missing", name=name)
        return convert(self.data[name], (*self.place, name))

    def maybe(self, name: str, convert: Callable[[Any, Place], T], default: T) -> T:
        """An optional field."""
        return convert(self.data[name], (*self.place, name)) if self.has(name) else default

    def done(self) -> None:
        """Complain about the first key nobody asked for."""
        unknown = [name for name in self.data if name not in self.read]
        if unknown:
            raise unknown_key((*self.place, unknown[0]), self.read)


def unknown_key(place: Place, known: set[str] | frozenset[str]) -> Fault:
    """The fault of a key nobody reads, with the likeliest meant one."""
    name = str(place[-1])
    near = close_matches(name, sorted(known), 1)
    return Fault(place, "unknown-key-near", name=name, near=near[0]) if near else Fault(place, "unknown-key", name=name)


def _kind_of(value: Any) -> str:
    kinds = {dict: "mapping", list: "list", str: "text", bool: "boolean", int: "number", float: "number"}
    return "nothing" if value is None else kinds.get(type(value), "other")


def _unexpected(place: Place, expected: str, value: Any) -> Fault:
    return Fault(place, "expected", expected=expected, found=_kind_of(value))


def string(value: Any, place: Place) -> str:
    """Text; a bare number or date in YAML is a fault."""
    if not isinstance(value, str):
        raise Fault(place, "expected-text", found=_kind_of(value))
    return value


def boolean(value: Any, place: Place) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        raise _unexpected(place, "boolean", value)
    return value


def number(value: Any, place: Place) -> float:
    """A number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _unexpected(place, "number", value)
    return value


def whole(value: Any, place: Place) -> int:
    """A whole number."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise _unexpected(place, "whole-number", value)
    return value


def one_of(values: frozenset[str]) -> Callable[[Any, Place], str]:
    """One of a fixed set of words."""

    def convert(value: Any, place: Place) -> str:
        if value not in values:
            raise Fault(place, "none-of", value=str(value), values=", ".join(sorted(values)))
        return cast(str, value)

    return convert


def text(value: Any, place: Place) -> Text:
    """A `{en, ko}` pair."""
    fields = Fields(value, place)
    result = Text(fields.get("en", string), fields.get("ko", string))
    fields.done()
    return result


def list_of(convert: Callable[[Any, Place], T]) -> Callable[[Any, Place], tuple[T, ...]]:
    """A list of what `convert` reads."""

    def items(value: Any, place: Place) -> tuple[T, ...]:
        if not isinstance(value, list):
            raise _unexpected(place, "list", value)
        return tuple(convert(item, (*place, index)) for index, item in enumerate(value))

    return items


def map_of(convert: Callable[[Any, Place], T]) -> Callable[[Any, Place], dict[str, T]]:
    """A mapping by name of what `convert` reads."""

    def entries(value: Any, place: Place) -> dict[str, T]:
        return {key: convert(item, (*place, key)) for key, item in Fields(value, place).data.items()}

    return entries


strings = list_of(string)


def claim(subject: str | None = None, quantity: str | None = None) -> Callable[[Any, Place], Claim]:
    """A figure; `subject` and `quantity` are what the place in the file implies."""

    def convert(value: Any, place: Place) -> Claim:
        fields = Fields(value, place)
        figure = fields.get("value", number)
        result = Claim(
            subject=fields.get("subject", string) if subject is None else fields.maybe("subject", string, subject),
            quantity=fields.get("quantity", string) if quantity is None else fields.maybe("quantity", string, quantity),
            unit=fields.get("unit", string),
            value=figure,
            low=fields.maybe("low", number, figure),
            high=fields.maybe("high", number, figure),
            basis=cast(ClaimBasis, fields.get("basis", one_of(_BASES))),
            source=fields.get("source", string),
            date=fields.get("date", string),
            note=fields.maybe("note", text, EMPTY),
            label=fields.maybe("label", text, EMPTY),
        )
        fields.done()
        if not result.low <= result.value <= result.high:
            raise Fault(place, "claim-order")
        return result

    return convert


def claims(subject: str | None = None, quantity: str | None = None) -> Callable[[Any, Place], tuple[Claim, ...]]:
    """A list of figures."""
    return list_of(claim(subject, quantity))


def source(key: str, value: Any, place: Place) -> Source:
    """An entry of sources.yaml."""
    fields = Fields(value, place)
    result = Source(
        fields.maybe("id", string, key),
        fields.get("title", text),
        fields.maybe("url", string, cast(str, None)),
        fields.get("date", string),
    )
    fields.done()
    return result


def concept(key: str, value: Any, place: Place) -> Concept:
    """A file of concepts/."""
    fields = Fields(value, place)
    result = Concept(
        id=fields.maybe("id", string, key),
        title=fields.get("title", text),
        summary=fields.get("summary", text),
        body=fields.get("body", text),
        see=fields.maybe("see", strings, ()),
        claims=fields.maybe("claims", claims(), ()),
        url=fields.maybe("url", string, cast(str, None)),
    )
    fields.done()
    return result


def seed_row(value: Any, place: Place) -> SeedRow:
    """An item of seed.yaml."""
    fields = Fields(value, place)
    result = SeedRow(
        number=fields.get("number", whole),
        statement=fields.get("statement", text),
        verdict=fields.get("verdict", text),
        now=fields.maybe("now", text, EMPTY),
        see=fields.maybe("see", strings, ()),
        claims=fields.maybe("claims", claims(), ()),
    )
    fields.done()
    return result


def pattern(key: str, value: Any, place: Place) -> Pattern:
    """A file of patterns/."""
    fields = Fields(value, place)
    result = Pattern(
        id=fields.maybe("id", string, key),
        title=fields.get("title", text),
        summary=fields.get("summary", text),
        body=fields.get("body", text),
        before=fields.get("before", string),
        after=fields.get("after", string),
        flow=fields.maybe("flow", list_of(text), ()),
        see=fields.maybe("see", strings, ()),
        claims=fields.maybe("claims", claims(), ()),
        url=fields.maybe("url", string, cast(str, None)),
    )
    fields.done()
    return result


def flag(key: str, value: Any, place: Place) -> FlagDoc:
    """An entry of an instruction's `flags`."""
    fields = Fields(value, place)
    result = FlagDoc(
        name=fields.maybe("name", string, key),
        summary=fields.get("summary", text),
        value=fields.maybe("value", string, ""),
        values=fields.maybe("values", strings, ()),
        since=fields.maybe("since", string, cast(str, None)),
        url=fields.maybe("url", string, cast(str, None)),
    )
    fields.done()
    return result


def option(key: str, value: Any, place: Place) -> OptionDoc:
    """An entry of a mount's `options`."""
    fields = Fields(value, place)
    result = OptionDoc(
        name=fields.maybe("name", string, key),
        summary=fields.get("summary", text),
        values=fields.maybe("values", strings, ()),
        default=fields.maybe("default", string, cast(str, None)),
        aliases=fields.maybe("aliases", strings, ()),
    )
    fields.done()
    return result


def _snippet(value: Any, place: Place) -> Snippet:
    fields = Fields(value, place)
    result = Snippet(fields.get("label", string), fields.get("body", string), fields.get("summary", text))
    fields.done()
    return result


def _named(decoder: Callable[[str, Any, Place], T]) -> Callable[[Any, Place], dict[str, T]]:
    def entries(value: Any, place: Place) -> dict[str, T]:
        return {key: decoder(key, item, (*place, key)) for key, item in Fields(value, place).data.items()}

    return entries


def instruction(key: str, value: Any, place: Place) -> InstructionDoc:
    """A file of instructions/."""
    fields = Fields(value, place)
    result = InstructionDoc(
        keyword=fields.maybe("keyword", string, key.upper()).upper(),
        summary=fields.get("summary", text),
        body=fields.get("body", text),
        syntax=fields.maybe("syntax", strings, ()),
        example=fields.maybe("example", string, ""),
        url=fields.get("url", string),
        flags=fields.maybe("flags", _named(flag), {}),
        snippets=fields.maybe("snippets", list_of(_snippet), ()),
        see=fields.maybe("see", strings, ()),
    )
    fields.done()
    return result


def mount(key: str, value: Any, place: Place) -> MountDoc:
    """An entry of instructions/mounts.yaml."""
    fields = Fields(value, place)
    result = MountDoc(
        type=fields.maybe("type", string, key),
        summary=fields.get("summary", text),
        body=fields.get("body", text),
        example=fields.maybe("example", string, ""),
        url=fields.get("url", string),
        options=fields.maybe("options", _named(option), {}),
    )
    fields.done()
    return result


def directive(key: str, value: Any, place: Place) -> DirectiveDoc:
    """An entry of instructions/directives.yaml."""
    fields = Fields(value, place)
    result = DirectiveDoc(
        name=fields.maybe("name", string, key),
        summary=fields.get("summary", text),
        body=fields.get("body", text),
        values=fields.maybe("values", strings, ()),
        example=fields.maybe("example", string, ""),
        url=fields.get("url", string),
    )
    fields.done()
    return result


def variable(key: str, value: Any, place: Place) -> VariableDoc:
    """An entry of instructions/variables.yaml."""
    fields = Fields(value, place)
    result = VariableDoc(
        name=fields.maybe("name", string, key),
        summary=fields.get("summary", text),
        example=fields.maybe("example", string, ""),
        needs_declaration=fields.maybe("needs_declaration", boolean, False),
        url=fields.get("url", string),
    )
    fields.done()
    return result


def image(repository: str, tag: str, value: Mapping[str, Any], place: Place) -> BaseImage:
    """`value` is the tag's mapping over the file's `defaults`."""
    fields = Fields(value, place)
    subject = f"{repository}:{tag}"
    missing = cast(str, None)
    nothing: tuple[str, ...] = ()
    result = BaseImage(
        repository=repository,
        tag=tag,
        summary=fields.maybe("summary", text, EMPTY),
        disk=fields.maybe("disk", claim(subject, "disk"), cast(Claim, None)),
        download=fields.maybe("download", claim(subject, "download"), cast(Claim, None)),
        documented=fields.maybe("documented", claims(subject, "disk"), ()),
        libc=cast(Any, fields.maybe("libc", one_of(_LIBCS), missing)),
        distro=fields.maybe("distro", string, missing),
        release=fields.maybe("release", string, missing),
        package_manager=fields.maybe("package_manager", string, missing),
        shell=fields.maybe("shell", string, missing),
        language=fields.maybe("language", string, missing),
        language_version=fields.maybe("language_version", string, missing),
        kind=cast(Any, fields.maybe("kind", one_of(_IMAGE_KINDS), missing)),
        contents=frozenset(fields.maybe("contents", strings, nothing)),
        users=fields.maybe("users", strings, ()),
        workdir=fields.maybe("workdir", string, missing),
        entrypoint=fields.maybe("entrypoint", strings, ()),
        slimmer=fields.maybe("slimmer", strings, ()),
        end_of_life=fields.maybe("end_of_life", string, missing),
    )
    fields.done()
    return result


def system_package(manager: str, key: str, value: Any, place: Place) -> SystemPackage:
    """An entry of packages/apt.yaml, apk.yaml or dnf.yaml."""
    fields = Fields(value, place)
    fields.maybe("manager", string, manager)
    name = fields.maybe("name", string, key)
    result = SystemPackage(
        manager=manager,
        name=name,
        role=cast(Role, fields.get("role", one_of(_ROLES))),
        summary=fields.maybe("summary", text, EMPTY),
        twins=fields.maybe("twins", map_of(strings), {}),
        added=fields.maybe("added", claims(name, "added"), ()),
    )
    fields.done()
    return result


def _wheel(value: Any, place: Place) -> Wheel:
    fields = Fields(value, place)
    result = Wheel(
        python=fields.get("python", string),
        platform=fields.get("platform", string),
        size=fields.get("size", whole),
        unpacked=fields.maybe("unpacked", whole, cast(int, None)),
        glibc=fields.maybe("glibc", string, cast(str, None)),
    )
    fields.done()
    return result


def python_package(key: str, value: Any, place: Place) -> PythonPackage:
    """An entry of packages/pypi.yaml."""
    fields = Fields(value, place)
    result = PythonPackage(
        name=fields.maybe("name", string, key),
        version=fields.get("version", string),
        requires_python=fields.maybe("requires_python", string, cast(str, None)),
        pure=fields.maybe("pure", boolean, False),
        sdist=fields.maybe("sdist", whole, cast(int, None)),
        wheels=fields.maybe("wheels", list_of(_wheel), ()),
        date=fields.get("date", string),
        summary=fields.maybe("summary", text, EMPTY),
        build_needs=fields.maybe("build_needs", map_of(strings), {}),
        runtime_needs=fields.maybe("runtime_needs", map_of(strings), {}),
        scripts=fields.maybe("scripts", strings, ()),
        compiles_at_run_time=fields.maybe("compiles_at_run_time", boolean, False),
        requires=fields.maybe("requires", strings, ()),
    )
    fields.done()
    return result


def measured_wheel(value: Any, place: Place) -> MeasuredWheel:
    """A row of packages/pypi-sizes.yaml."""
    fields = Fields(value, place)
    result = MeasuredWheel(
        version=fields.get("version", string),
        platform=fields.get("platform", string),
        download=fields.get("download", whole),
        unpacked=fields.get("unpacked", whole),
        code=fields.get("code", whole),
        date=fields.get("date", string),
        requires=fields.maybe("requires", strings, ()),
    )
    fields.done()
    return result


def rule(key: str, value: Any, place: Place) -> RuleDoc:
    """A file of rules/."""
    fields = Fields(value, place)
    texts = map_of(text)
    result = RuleDoc(
        id=fields.maybe("id", string, key),
        title=fields.get("title", text),
        description=fields.get("description", text),
        messages=fields.get("messages", texts),
        fixes=fields.maybe("fixes", texts, {}),
        labels=fields.maybe("labels", texts, {}),
        bad=fields.maybe("bad", string, ""),
        good=fields.maybe("good", string, ""),
        see=fields.maybe("see", strings, ()),
        url=fields.maybe("url", string, cast(str, None)),
    )
    fields.done()
    return result


def messages(value: Any, place: Place) -> dict[str, Text]:
    """Nested mappings to dotted keys; a leaf is a mapping with `en` or `ko`."""
    found: dict[str, Text] = {}
    for key, item in Fields(value, place).data.items():
        below = (*place, key)
        if isinstance(item, dict) and ("en" in item or "ko" in item):
            found[key] = text(item, below)
        else:
            found.update((f"{key}.{name}", leaf) for name, leaf in messages(item, below).items())
    return found
