"""The knowledge base: look-ups over the records, and the loader."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from slimstage.knowledge import decode, store
from slimstage.knowledge.decode import Fault, Fields
from slimstage.knowledge.particles import needs_particles, with_particles
from slimstage.knowledge.records import (
    BaseImage,
    Concept,
    DirectiveDoc,
    ImageMatch,
    InstructionDoc,
    MeasuredWheel,
    MountDoc,
    Pattern,
    PythonPackage,
    RuleDoc,
    SeedRow,
    Source,
    SystemPackage,
    Text,
    VariableDoc,
)
from slimstage.knowledge.store import KnowledgeError, Place
from slimstage.text import lazy_pattern

if TYPE_CHECKING:
    from slimstage.knowledge.alpine import AlpineRelease
    from slimstage.knowledge.debian_table import DebianRelease
    from slimstage.knowledge.recorded import Recorded, RecordedTable
    from slimstage.knowledge.retired import Retired, RetiredTable

K = TypeVar("K")
V = TypeVar("V")

MANAGERS = ("apt", "apk", "dnf")
_MANAGER_NAMES = {
    "apt-get": "apt",
    "aptitude": "apt",
    "yum": "dnf",
    "microdnf": "dnf",
    "tdnf": "dnf",
}
_VERSION_OF_PACKAGE = lazy_pattern(r"[=<>~!@;].*$", re.DOTALL)
_RUNS_OF_SEPARATORS = lazy_pattern(r"[-_.]+")
_NO_SIZES: Mapping[str, int] = {}
_HUBS = ("docker.io/", "index.docker.io/", "registry-1.docker.io/")


class _Records(Mapping[K, V], Generic[K, V]):
    """Records by key, each built when somebody first asks for it."""

    __slots__ = ("_built", "_makers")

    def __init__(self, makers: dict[K, Callable[[], V]]) -> None:
        self._makers = makers
        self._built: dict[K, V] = {}

    def __getitem__(self, key: K) -> V:
        try:
            return self._built[key]
        except KeyError:
            record = self._built[key] = self._makers[key]()
            return record

    def __contains__(self, key: object) -> bool:
        return key in self._makers

    def __iter__(self) -> Iterator[K]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


class _Forgiving(string.Formatter):
    """Fills placeholders; one without an argument stays visible as `{name}`."""

    def get_field(self, field_name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        try:
            return super().get_field(field_name, args, kwargs)
        except (KeyError, IndexError, AttributeError, TypeError, ValueError):
            return "{" + field_name + "}", field_name

    def format_field(self, value: Any, format_spec: str) -> str:
        try:
            return str(super().format_field(value, format_spec))
        except (ValueError, TypeError):
            return str(value)


_FORMATTER = _Forgiving()


def fill(template: str, args: Mapping[str, Any]) -> str:
    """`template` with its placeholders filled; what cannot be filled stays visible. Never raises.

    Korean particles written both ways (`{name}을(를)`) become the one that fits.
    """
    if "{" not in template and "}" not in template:
        return template
    try:
        filled = _FORMATTER.vformat(template, (), args)
    except ValueError:  # stray braces: a test forbids them in shipped texts
        return template
    return with_particles(filled) if needs_particles(template) else filled


def normalised(name: str) -> str:
    """A Python package's name as the package index compares it (PEP 503), without extras and versions."""
    bare = _VERSION_OF_PACKAGE.sub("", name).partition("[")[0].strip()
    return _RUNS_OF_SEPARATORS.sub("-", bare).lower()


class _File:
    """One file's plain data, and where to send an author who made a fault in it."""

    __slots__ = ("data", "path", "prefix", "stem")

    def __init__(self, path: Path, data: Any, prefix: Place = (), stem: str | None = None) -> None:
        self.path = path
        self.data = data
        self.prefix = prefix  # where `data` is inside the file
        self.stem = path.stem if stem is None else stem

    def maker(self, build: Callable[[Any, Place], V], data: Any, place: Place = ()) -> Callable[[], V]:
        """`build` for later, its faults told with file and line."""
        return lambda: self.checked(build, data, place)

    def checked(self, build: Callable[[Any, Place], V], data: Any, place: Place = ()) -> V:
        try:
            return build(data, (*self.prefix, *place))
        except Fault as fault:
            raise KnowledgeError(
                self.path, store.line_of(self.path, fault.place), fault.key, **fault.arguments
            ) from None

    def items(self) -> dict[str, Any]:
        return self.checked(lambda data, place: Fields(data, place).data, self.data)


class KnowledgeBase:
    """All records, by id. Immutable after loading; records are built on first use of their kind.

    A fault in a shipped file shows as `KnowledgeError` when the record is first asked for; users' files
    are checked whole by `load`.
    """

    def __init__(self, extra: Mapping[str, Sequence[_File]] | None = None) -> None:
        self._extra = extra or {}

    def _files(self, kind: str) -> Iterator[_File]:
        folder = store.data_folder()
        for name, data in store.read_kind(kind, folder).items():
            yield _File(folder / name, data)
        yield from self._extra.get(kind, ())

    def _one_per_file(self, kind: str, build: Callable[[str, Any, Place], V]) -> _Records[str, V]:
        makers: dict[str, Callable[[], V]] = {}
        for file in self._files(kind):
            key = file.stem
            if isinstance(file.data, dict) and isinstance(file.data.get("id"), str):
                key = file.data["id"]
            makers[key] = file.maker(_keyed(build, key), file.data)
        return _Records(makers)

    def _many_per_file(self, kind: str, build: Callable[[str, Any, Place], V]) -> _Records[str, V]:
        makers: dict[str, Callable[[], V]] = {}
        for file in self._files(kind):
            for key, data in file.items().items():
                makers[key] = file.maker(_keyed(build, key), data, (key,))
        return _Records(makers)

    @cached_property
    def sources(self) -> Mapping[str, Source]:
        """By id."""
        return self._many_per_file("sources", decode.source)

    @cached_property
    def concepts(self) -> Mapping[str, Concept]:
        """By id."""
        return self._one_per_file("concepts", decode.concept)

    @cached_property
    def patterns(self) -> Mapping[str, Pattern]:
        """By id."""
        return self._one_per_file("patterns", decode.pattern)

    @cached_property
    def seed(self) -> Mapping[int, SeedRow]:
        """By number, in order."""
        rows: dict[int, SeedRow] = {}
        for file in self._files("seed"):
            for row in file.checked(decode.list_of(decode.seed_row), file.data):
                rows[row.number] = row
        return dict(sorted(rows.items()))

    @cached_property
    def instructions(self) -> Mapping[str, InstructionDoc]:
        """By upper-case keyword."""
        made = self._one_per_file("instructions", decode.instruction)
        return _Records({key.upper(): lambda key=key: made[key] for key in made})  # type: ignore[misc]

    @cached_property
    def mounts(self) -> Mapping[str, MountDoc]:
        """By type."""
        return self._many_per_file("mounts", decode.mount)

    @cached_property
    def directives(self) -> Mapping[str, DirectiveDoc]:
        """By name."""
        return self._many_per_file("directives", decode.directive)

    @cached_property
    def variables(self) -> Mapping[str, VariableDoc]:
        """By name."""
        return self._many_per_file("variables", decode.variable)

    @cached_property
    def images(self) -> Mapping[str, BaseImage]:
        """By "repository:tag"; aliases are not listed, `image()` follows them."""
        return self._images[0]

    @cached_property
    def _images(self) -> tuple[_Records[str, BaseImage], dict[str, dict[str, str]], dict[str, list[str]]]:
        """Images by reference, aliases by repository, and the known tags of each repository."""
        makers: dict[str, Callable[[], BaseImage]] = {}
        aliases: dict[str, dict[str, str]] = {}
        tags: dict[str, list[str]] = {}
        for file in self._files("images"):
            repository, defaults, own, other = file.checked(_image_file, file.data)
            known = tags.setdefault(repository, [])
            for tag, data in own.items():
                merged = {**defaults, **(data or {})}

                def build(data: Any, place: Place, repository: str = repository, tag: str = tag) -> BaseImage:
                    return decode.image(repository, tag, data, place)

                reference = f"{repository}:{tag}"
                if reference not in makers:
                    known.append(tag)
                makers[reference] = file.maker(build, merged, ("tags", tag))
            aliases.setdefault(repository, {}).update(other)
        return _Records(makers), aliases, tags

    @cached_property
    def system_packages(self) -> Mapping[tuple[str, str], SystemPackage]:
        """By (manager, name)."""
        makers: dict[tuple[str, str], Callable[[], SystemPackage]] = {}
        for manager in MANAGERS:
            for file in self._files(manager):
                for name, data in file.items().items():

                    def build(data: Any, place: Place, manager: str = manager, name: str = name) -> SystemPackage:
                        return decode.system_package(manager, name, data, place)

                    makers[manager, name] = file.maker(build, data, (name,))
        return _Records(makers)

    @cached_property
    def python_packages(self) -> Mapping[str, PythonPackage]:
        """By normalised name (PEP 503)."""
        made = self._many_per_file("pypi", decode.python_package)
        return _Records({normalised(key): lambda key=key: made[key] for key in made})  # type: ignore[misc]

    @cached_property
    def measured_wheels(self) -> Mapping[str, tuple[MeasuredWheel, ...]]:
        """What PyPI packages take once installed, by normalised name; one entry a measured version."""
        return self._many_per_file("pypi_sizes", lambda _, data, place: _MEASURED_WHEELS(data, place))

    def wheels_of(self, name: str, version: str | None) -> tuple[MeasuredWheel, ...]:
        """The measured wheels of a package for someone who wants that version (None: any)."""
        return self.measured_wheels.get(name, ())

    def node_sizes(self, name: str, version: str) -> Mapping[str, int]:
        """The measured versions of an npm package for someone who wants that version."""
        return self.node_packages.get(name, _NO_SIZES)

    @cached_property
    def node_packages(self) -> Mapping[str, Mapping[str, int]]:
        """Bytes in node_modules by npm package and version, its own files only (measured)."""
        return self._many_per_file("npm", lambda _, data, place: _SIZES_BY_VERSION(data, place))

    @cached_property
    def conversions(self) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
        """Lists of names that the rewrites of an ecosystem look things up in, by ecosystem and list."""
        return self._many_per_file("conversions", lambda _, data, place: _NAME_LISTS(data, place))

    @cached_property
    def node_needs(self) -> Mapping[str, tuple[str, ...]]:
        """The packages that an npm package needs itself, by name; packages that need nothing are not listed."""
        return self._many_per_file("npm_needs", lambda _, data, place: decode.strings(data, place))

    @cached_property
    def rules(self) -> Mapping[str, RuleDoc]:
        """By id."""
        return self._one_per_file("rules", decode.rule)

    @cached_property
    def messages(self) -> Mapping[str, Text]:
        """All of knowledge/messages/*.yaml; keys like "hover.stage.ships"."""
        found: dict[str, Text] = {}
        for file in self._files("messages"):
            found.update(file.checked(decode.messages, file.data))
        return found

    def text(self, key: str, lang: str, /, **args: Any) -> str:
        """The text of `messages[key]`, filled in; the key itself when it is missing (a test forbids that)."""
        found = self.messages.get(key)
        return key if found is None else fill(found.to(lang), self._worded(args, lang))

    def fault_text(self, error: KnowledgeError, lang: str) -> str:
        """What is wrong with a knowledge file, behind its name and line."""
        arguments = dict(error.arguments)
        for name in ("expected", "found"):
            if name in arguments:
                arguments[name] = self.text(f"knowledge.kind.{arguments[name]}", lang)
        message = self.text(f"knowledge.fault.{error.key}", lang, **arguments)
        return f"{error.place}: {message}"

    def interval(self, ends: Sequence[str], lang: str) -> str:
        """A figure, or the two ends between which it lies, as the language writes an interval."""
        return ends[0] if len(ends) == 1 else self.text("size.interval", lang, low=ends[0], high=ends[-1])

    def _worded(self, args: Mapping[str, Any], lang: str) -> Mapping[str, Any]:
        """Arguments that are shown differently by language (`slimstage.sizes.Size`), as words."""
        sizes = {name: value.shown for name, value in args.items() if hasattr(value, "shown")}
        return {**args, **{name: self.interval(ends, lang) for name, ends in sizes.items()}} if sizes else args

    def rule_message(self, rule: str, key: str, lang: str, args: Mapping[str, Any]) -> str:
        """A rule's message, filled in; `rule: key` when it is missing."""
        return self._rule_text("messages", rule, key, lang, args)

    def fix_title(self, rule: str, key: str, lang: str, args: Mapping[str, Any]) -> str:
        """A fix's title, filled in; `rule: key` when it is missing."""
        return self._rule_text("fixes", rule, key, lang, args)

    def related_label(self, rule: str, key: str, lang: str, args: Mapping[str, Any]) -> str:
        """The text of a related place, filled in; `rule: key` when it is missing."""
        return self._rule_text("labels", rule, key, lang, args)

    def _rule_text(self, field: str, rule: str, key: str, lang: str, args: Mapping[str, Any]) -> str:
        doc = self.rules.get(rule)
        found = None if doc is None else getattr(doc, field).get(key)
        return f"{rule}: {key}" if found is None else fill(found.to(lang), self._worded(args, lang))

    def image(self, repository: str, tag: str | None) -> ImageMatch | None:
        """The base image of that name: exact (aliases included), else the nearest known relative, else None.

        No tag means "latest". A relative is of the same repository and variant; when its version is another
        one it carries no figures, only what all known versions of the variant share.
        """
        repository = _familiar(repository)
        tag = tag or "latest"
        images, aliases, tags = self._images
        known = tags.get(repository)
        if not known:
            return None
        exact = images.get(f"{repository}:{tag}")
        if exact is None and tag in aliases.get(repository, ()):
            exact = images.get(f"{repository}:{aliases[repository][tag]}")
        if exact is not None:
            return ImageMatch(exact, True)
        from slimstage.knowledge.nearest import nearest

        relative = nearest(tag, [images[f"{repository}:{other}"] for other in known])
        return None if relative is None else ImageMatch(relative, False)

    def tags(self, repository: str) -> Sequence[str]:
        """Known tags of a repository, aliases last; empty for one we do not know."""
        repository = _familiar(repository)
        _, aliases, tags = self._images
        return (*tags.get(repository, ()), *aliases.get(repository, ()))

    def official_tags(self, repository: str) -> tuple[tuple[str, ...], ...]:
        """All tags of one of Docker's official images, grouped: the tags of a group are one image.

        Groups come newest first among those of the same architectures; empty for any other repository.
        """
        return tuple(tags for tags, _ in self._official.get(_familiar(repository), ()))

    def official_repositories(self) -> tuple[str, ...]:
        """The names of Docker's official images, sorted; for completion of FROM and did-you-mean."""
        return tuple(self._official)

    def architectures(self, repository: str, tag: str) -> tuple[str, ...]:
        """The processors an official image's tag exists for ("amd64", "arm64v8", ...); empty when unknown."""
        for tags, processors in self._official.get(_familiar(repository), ()):
            if tag in tags:
                return processors
        return ()

    @cached_property
    def _official(self) -> Mapping[str, tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]]:
        """Groups of tags with their architectures, by repository; each read when first asked for."""
        makers: dict[str, Callable[[], tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]]] = {}
        for file in self._files("official"):
            for repository, data in file.items().items():
                makers[repository] = file.maker(_tag_groups, data, (repository,))
        return _Records(makers)

    def repositories(self) -> Sequence[str]:
        """The repositories whose images we know."""
        return tuple(self._images[2])

    def recorded(self, repository: str) -> tuple[Recorded, ...]:
        """Sizes of a repository's tags as public records had them, newest first; see `recorded.py`."""
        return self._recorded.rows(_familiar(repository))

    @cached_property
    def _recorded(self) -> RecordedTable:
        from slimstage.knowledge.recorded import RecordedTable

        return RecordedTable((store.data_folder() / "images" / "recorded.table").read_text(encoding="utf-8"))

    def retired(self, repository: str, tag: str | None) -> Retired | None:
        """When an official image's tag was last listed, and on which release; None for one that is still built, that
        bears its release itself, or that nobody recorded. See `retired.py`.
        """
        return self._retired.find(_familiar(repository), tag or "latest")

    @cached_property
    def _retired(self) -> RetiredTable:
        from slimstage.knowledge.retired import RetiredTable

        return RetiredTable((store.data_folder() / "images" / "retired.table").read_text(encoding="utf-8"))

    def debian(self, release: str | None) -> DebianRelease | None:
        """The packages of a Debian release ("bookworm") and those of its slim image; None for another one."""
        if release is None or release not in self._debian:
            return None
        found = self._debian_tables.get(release)
        if found is None:
            from slimstage.knowledge.debian_table import DebianRelease, DebianTable

            table = store.data_folder() / "debian" / f"{release}.table"
            found = DebianRelease(DebianTable(table.read_bytes()), frozenset(self._debian[release]))
            self._debian_tables[release] = found
        return found

    @cached_property
    def _debian_tables(self) -> dict[str, DebianRelease]:
        return {}

    @cached_property
    def _debian(self) -> Mapping[str, list[str]]:
        return {release: row["packages"] for file in self._files("debian") for release, row in file.items().items()}

    def debian_layers(self, repository: str, kind: str | None) -> tuple[str, ...] | None:
        """What an official image of that kind ("slim", "full") installs on Debian's slim image; None when unknown.

        The names are those of the image's own Dockerfile; look them up in the release's table.
        """
        for file in self._files("debian_layers"):
            layers = file.items()
            row = layers["images"].get(repository, {})
            name = row.get(kind or "") or row.get("*")
            if name is not None:
                return _stacked(layers["layers"], name)
        return None

    @cached_property
    def alpine(self) -> AlpineRelease | None:
        """The packages of the newest Alpine release there is a table of; None without any."""
        from slimstage.knowledge.alpine import AlpinePackage, AlpineRelease

        newest: tuple[tuple[int, ...], str, dict[str, Any]] | None = None
        for file in self._files("alpine"):
            for release, row in file.items().items():
                rank = tuple(int(part) for part in release.split(".") if part.isdecimal())
                if newest is None or rank >= newest[0]:
                    newest = (rank, release, row)
        if newest is None:
            return None
        _, release, row = newest
        packages = {
            name: AlpinePackage(
                one["installed"], one["archive"], tuple(one.get("needs", ())), tuple(one.get("when", ()))
            )
            for name, one in row["packages"].items()
        }
        return AlpineRelease(release, row["date"], frozenset(row["base"]), packages, row.get("aliases", {}))

    def alpine_image(self, repository: str) -> tuple[str, ...] | None:
        """What an official image adds to Alpine's own, by its Dockerfile; None when unknown."""
        for file in self._files("alpine_images"):
            found = file.items()["images"].get(repository)
            if found is not None:
                return tuple(found)
        return None

    def system_package(self, manager: str, name: str) -> SystemPackage | None:
        """What is known of a package ("name=1.2" and "name:arch" are read); role "dev" for an unknown `-dev`."""
        manager = _MANAGER_NAMES.get(manager, manager)
        bare = _VERSION_OF_PACKAGE.sub("", name.strip())
        if manager == "apt":
            bare = bare.partition(":")[0].partition("/")[0]
        found = self.system_packages.get((manager, bare))
        if found is not None or not bare:
            return found
        if bare.endswith("-devel" if manager == "dnf" else "-dev"):
            return SystemPackage(manager, bare, "dev", Text("", ""))
        return None

    def twins(self, manager: str, name: str, release: str | None) -> tuple[str, ...]:
        """The run-time packages that stand for a -dev package in a release; empty when unknown.

        Without a release the answer is what all releases agree on. What no file names follows from the release's
        package index.
        """
        package = self.system_package(manager, name)
        if package is None:
            return ()
        unwritten = (package.manager, package.name) not in self.system_packages
        if unwritten and package.manager == "apt" and package.name.endswith("-dev"):
            found = self.debian(release)
            return found.table.twins(package.name) if found is not None else ()
        if release is not None and release in package.twins:
            return package.twins[release]
        if "*" in package.twins:
            return package.twins["*"]
        answers = set(package.twins.values())
        return answers.pop() if release is None and len(answers) == 1 else ()

    def python_package(self, name: str) -> PythonPackage | None:
        """A PyPI package by any spelling of its name, extras and version ignored."""
        return self.python_packages.get(normalised(name))

    def runtime_libraries(
        self, package: PythonPackage, manager: str | None, release: str | None, built: str | None = None
    ) -> tuple[str, ...] | None:
        """The distribution packages that a PyPI package wants when it runs, as a release names them.

        Empty when it wants none; None when its needs are known by the names of another release only. For a release
        without a table, or none, a name counts when every table has it. What was compiled on another release,
        `built`, must want the same there: a name that only differs by `t64` is the same library (64-bit time).
        """
        if built not in (None, release):
            here, there = (self.runtime_libraries(package, manager, one) for one in (release, built))
            plain = [[name.removesuffix("t64") for name in names or ()] for names in (here, there)]
            return here if there is not None and plain[0] == plain[1] else None
        manager = _MANAGER_NAMES.get(manager or "apt", manager or "apt")
        written = package.runtime_needs.get(f"{manager}:{release}")
        if written is not None:
            return written
        needs = package.runtime_needs.get(manager, ())
        if manager != "apt" or not needs:
            return needs
        names = [self._debians_name(need, release) for need in needs]
        return tuple(name for name in names if name is not None) if None not in names else None

    def _debians_name(self, name: str, release: str | None) -> str | None:
        """A Debian package's name in a release; None when only other releases have it. One that no release has comes
        from elsewhere and keeps its name.
        """
        here = self.debian(release)
        found = here.table.name_of(name) if here is not None else None
        if found is not None:
            return found
        tables = [one.table for one in map(self.debian, self._debian) if one is not None]
        holding = [table for table in tables if table.name_of(name) is not None]
        return name if not holding or (here is None and len(holding) == len(tables)) else None

    def topics(self) -> Sequence[str]:
        """Every id that `explain` takes, for completion and did-you-mean."""
        return (
            *self.concepts,
            *self.patterns,
            *self.instructions,
            *(f"{keyword} --{flag}" for keyword, doc in self.instructions.items() for flag in doc.flags),
            *(f"--mount=type={type_}" for type_ in self.mounts),
            *(f"# {name}=" for name in self.directives),
            *self.variables,
            *(f"rule/{rule}" for rule in self.rules),
            *(f"seed/{number}" for number in self.seed),
            *self.images,
            *dict.fromkeys(name for _, name in self.system_packages),
            *(f"pip/{name}" for name in self.python_packages),
        )


def _stacked(layers: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """The packages of a layer and of those below it."""
    row = layers[name]
    below = _stacked(layers, row["above"]) if "above" in row else ()
    return (*below, *row["packages"])


_MEASURED_WHEELS = decode.list_of(decode.measured_wheel)
_SIZES_BY_VERSION = decode.map_of(decode.whole)
_NAME_LISTS = decode.map_of(decode.list_of(decode.string))


def _keyed(build: Callable[[str, Any, Place], V], key: str) -> Callable[[Any, Place], V]:
    return lambda data, place: build(key, data, place)


def _familiar(repository: str) -> str:
    for hub in _HUBS:
        repository = repository.removeprefix(hub)
    return repository.removeprefix("library/")


def _image_file(data: Any, place: Place) -> tuple[str, dict[str, Any], dict[str, Any], dict[str, str]]:
    fields = Fields(data, place)
    nothing: dict[str, Any] = {}
    no_aliases: dict[str, str] = {}
    repository = fields.get("repository", decode.string)
    defaults = fields.maybe("defaults", _plain_mapping, nothing)
    tags = fields.maybe("tags", decode.map_of(_plain_mapping), nothing)
    aliases = fields.maybe("aliases", decode.map_of(decode.string), no_aliases)
    fields.done()
    return repository, defaults, tags, aliases


def _tag_groups(data: Any, place: Place) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    if data is None:  # an image that has no tags any more
        return ()
    by_processors = decode.map_of(decode.list_of(decode.string))(data, place)
    return tuple(
        (tuple(group.split()), tuple(processors.split()))
        for processors, groups in by_processors.items()
        for group in groups
    )


def _plain_mapping(data: Any, place: Place) -> dict[str, Any]:
    return {} if data is None else Fields(data, place).data


def _anything(data: Any, place: Place) -> tuple[Any]:
    return (data,)


_WHOLE = frozenset(
    {"sources", "seed", "messages", "official", "mounts", "directives", "variables"}
    | {*MANAGERS, "pypi", "pypi_sizes", "npm", "npm_needs", "conversions"}
)


def _extra_files(path: Path) -> Iterator[tuple[str, _File]]:
    """A user's file or folder: the layout of `knowledge/`, or files whose top-level keys are kinds."""
    if path.is_dir():
        laid_out = set()
        for kind in store.KINDS:
            for file in store.files_of(kind, path):
                laid_out.add(file)
                yield kind, _File(file, store.parse_file(file))
        for file in sorted(path.glob("*.y*ml")):
            if file not in laid_out:
                yield from _extra_files(file)
        return
    data = store.parse_file(path)
    if data is None:
        return
    whole = _File(path, data)
    top = whole.items()
    if "repository" in top:
        yield "images", whole
        return
    for key, part in top.items():
        if key == "packages":
            yield from _packages(path, whole.checked(_plain_mapping, part, (key,)))
        elif key == "images":
            for index, (item,) in enumerate(whole.checked(decode.list_of(_anything), part, (key,))):
                yield key, _File(path, item, (key, index))
        elif key in _WHOLE:
            yield key, _File(path, part, (key,))
        elif key in store.KINDS:
            for name, item in whole.checked(_plain_mapping, part, (key,)).items():
                yield key, _File(path, item, (key, name), name)
        else:
            known = frozenset({*store.KINDS, "packages", "repository"})
            raise _unknown_key(path, (key,), known)


def _unknown_key(path: Path, place: Place, known: frozenset[str]) -> KnowledgeError:
    fault = decode.unknown_key(place, known)
    return KnowledgeError(path, store.line_of(path, place), fault.key, **fault.arguments)


def _packages(path: Path, by_manager: dict[str, Any]) -> Iterator[tuple[str, _File]]:
    known = frozenset({*MANAGERS, "pypi"})
    for manager, packages in by_manager.items():
        if manager not in known:
            raise _unknown_key(path, ("packages", manager), known)
        yield manager, _File(path, packages, ("packages", manager))


_ATTRIBUTES = {
    "debian": "_debian",
    "debian_layers": "_debian",
    "official": "_official",
    "apt": "system_packages",
    "apk": "system_packages",
    "dnf": "system_packages",
    "pypi": "python_packages",
    "pypi_sizes": "measured_wheels",
    "npm": "node_packages",
    "npm_needs": "node_needs",
}


def load(extra: Sequence[Path] = ()) -> KnowledgeBase:
    """The shipped knowledge with users' own files on top. Raises `KnowledgeError` naming file and place of a fault.

    Shipped files are read kind by kind when somebody asks; users' files are read and checked here.
    """
    files: dict[str, list[_File]] = {}
    for path in extra:
        for kind, file in _extra_files(Path(path)):
            for line, key in store.doubled_keys(file.path):
                raise KnowledgeError(file.path, line, "key-twice", name=key)
            files.setdefault(kind, []).append(file)
    loaded = KnowledgeBase(files)
    for kind in files:
        records = getattr(loaded, _ATTRIBUTES.get(kind, kind))
        for key in records:
            records[key]
    return loaded
