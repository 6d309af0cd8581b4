"""The reference data is complete against the grammar, and its figures make sense."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

import pytest

from slimstage.knowledge import base
from slimstage.knowledge.records import BaseImage, Claim, Text
from slimstage.syntax import grammar, parse

KB = base.load()
# -dev packages whose absence from the twins would break a converted image, with a library that must be among them.
WELL_KNOWN_TWINS = [
    ("apt", "libpq-dev", "bookworm", "libpq5"),
    ("apt", "libpq-dev", "trixie", "libpq5"),
    ("apt", "libmagic-dev", "bookworm", "libmagic1"),
    ("apt", "libmagic-dev", "trixie", "libmagic1t64"),
    ("apt", "libssl-dev", "bullseye", "libssl1.1"),
    ("apt", "libssl-dev", "bookworm", "libssl3"),
    ("apt", "libssl-dev", "trixie", "libssl3t64"),
    ("apt", "default-libmysqlclient-dev", "bookworm", "libmariadb3"),
    ("apt", "libxml2-dev", "bookworm", "libxml2"),
    ("apt", "libcurl4-openssl-dev", "trixie", "libcurl4t64"),
    ("apt", "libldap2-dev", "bookworm", "libldap-2.5-0"),
    ("apt", "libcairo2-dev", "bookworm", "libcairo2"),
    ("apk", "libpq-dev", "3.24", "libpq"),
    ("apk", "postgresql-dev", "3.20", "libpq"),
    ("apk", "libffi-dev", "3.24", "libffi"),
    ("dnf", "libpq-devel", None, "libpq"),
]


def texts() -> Iterator[tuple[str, Text]]:
    for keyword, doc in KB.instructions.items():
        yield keyword, doc.summary
        yield keyword, doc.body
        for name, flag in doc.flags.items():
            yield f"{keyword} --{name}", flag.summary
        for snippet in doc.snippets:
            yield f"{keyword}: {snippet.label}", snippet.summary
    for type_, mount in KB.mounts.items():
        yield type_, mount.summary
        yield type_, mount.body
        for name, option in mount.options.items():
            yield f"{type_},{name}", option.summary
    for name, directive in KB.directives.items():
        yield name, directive.summary
        yield name, directive.body
    for name, variable in KB.variables.items():
        yield name, variable.summary
    for name, image in KB.images.items():
        yield name, image.summary
    for (manager, name), package in KB.system_packages.items():
        yield f"{manager}/{name}", package.summary


def image_claims(image: BaseImage) -> Iterator[Claim]:
    yield from (claim for claim in (image.disk, image.download, *image.documented) if claim is not None)


def claims() -> Iterator[Claim]:
    for image in KB.images.values():
        yield from image_claims(image)
    for package in KB.system_packages.values():
        yield from package.added


def test_every_instruction_has_a_page_and_no_other() -> None:
    assert set(KB.instructions) == set(grammar.INSTRUCTIONS)


@pytest.mark.parametrize("keyword", sorted(grammar.INSTRUCTIONS))
def test_flags_are_those_of_the_grammar(keyword: str) -> None:
    assert set(KB.instructions[keyword].flags) == set(grammar.INSTRUCTIONS[keyword].flags)


@pytest.mark.parametrize("keyword", sorted(grammar.INSTRUCTIONS))
def test_closed_choices_are_those_of_the_grammar(keyword: str) -> None:
    for name, spec in grammar.INSTRUCTIONS[keyword].flags.items():
        if spec.kind == "choice":
            assert set(KB.instructions[keyword].flags[name].values) == set(spec.choices), name


def test_mount_types_are_those_of_the_grammar() -> None:
    assert set(KB.mounts) == set(grammar.MOUNT_TYPES)


@pytest.mark.parametrize("type_", sorted(grammar.MOUNT_TYPES))
def test_mount_options_and_aliases_are_those_of_the_grammar(type_: str) -> None:
    documented = {name: set(option.aliases) for name, option in KB.mounts[type_].options.items()}
    assert documented == {name: set(spec.aliases) for name, spec in grammar.MOUNT_TYPES[type_].options.items()}


def test_directives_are_those_of_the_grammar() -> None:
    assert set(KB.directives) == set(grammar.DIRECTIVES)


def test_predefined_variables_are_those_of_the_grammar() -> None:
    assert set(KB.variables) == set(grammar.PREDEFINED_ARGS)


def test_proxy_variables_need_no_declaration_and_the_others_do() -> None:
    free = {name for name, variable in KB.variables.items() if not variable.needs_declaration}
    assert free == set(grammar.PROXY_ARGS)


def test_every_text_is_written_in_both_languages() -> None:
    missing = [where for where, text in texts() if not text.en.strip() or not text.ko.strip()]
    assert missing == []


def test_korean_bodies_keep_the_documentation_register() -> None:
    """합니다체: no sentence of a reference page ends in plain or colloquial style."""
    sloppy = [
        where
        for where, text in texts()
        for ending in ("한다.", "이다.", "해요.", "세요.", "된다.")
        if ending in text.ko.replace("니다.", "")
    ]
    assert sloppy == []


def test_figures_lie_in_their_intervals() -> None:
    wrong = [claim for claim in claims() if not 0 <= claim.low <= claim.value <= claim.high]
    assert wrong == []


def test_figures_have_a_known_source_and_a_date() -> None:
    for claim in claims():
        assert claim.source in KB.sources, claim
        dt.date.fromisoformat(claim.date)
        assert claim.unit == "bytes", claim


def test_download_is_smaller_than_disk() -> None:
    wrong = [
        image.reference
        for image in KB.images.values()
        if image.disk and image.download and image.download.value > image.disk.value
    ]
    assert wrong == []


def test_the_seeds_figures_stand_beside_the_measured_ones() -> None:
    slim = KB.images["python:3.11-slim"]
    assert slim.disk is not None
    assert slim.disk.basis == "measured"
    assert slim.disk.value == pytest.approx(124.84e6)
    assert [claim.value for claim in slim.documented] == [90e6]


def test_slimmer_variants_are_known_and_not_larger() -> None:
    for image in KB.images.values():
        for reference in image.slimmer:
            repository, _, tag = reference.rpartition(":")
            match = KB.image(repository, tag)
            assert match is not None, f"{image.reference} -> {reference}"
            assert match.exact, f"{image.reference} -> {reference}"
            if match.image.disk and image.disk:
                assert match.image.disk.value < image.disk.value, f"{image.reference} -> {reference}"


def test_libc_and_package_manager_follow_from_the_distribution() -> None:
    for image in KB.images.values():
        if image.distro == "alpine":
            assert (image.libc, image.package_manager) == ("musl", "apk"), image.reference
        if image.distro in ("debian", "ubuntu"):
            assert image.libc == "glibc", image.reference
            assert image.package_manager in ("apt", None), image.reference


def test_ends_of_life_are_dates() -> None:
    for image in KB.images.values():
        if image.end_of_life:
            dt.date.fromisoformat(image.end_of_life)


def test_the_tags_people_write_are_known_exactly() -> None:
    for repository, tag in [
        ("python", "3.11-slim"),
        ("python", "latest"),
        ("node", "22-slim"),
        ("node", None),
        ("nginx", "alpine"),
        ("debian", "bookworm-slim"),
        ("alpine", "latest"),
        ("golang", "1.26-alpine"),
        ("eclipse-temurin", "17-jre"),
    ]:
        match = KB.image(repository, tag)
        assert match is not None, f"{repository}:{tag}"
        assert match.exact, f"{repository}:{tag}"


def test_official_tags_are_groups_of_aliases() -> None:
    groups = KB.official_tags("docker.io/library/alpine")
    assert any({"3.24", "latest"} <= set(group) for group in groups)
    assert "arm64v8" in KB.architectures("alpine", "latest")
    assert KB.official_tags("example/unknown") == ()
    assert KB.architectures("alpine", "no-such-tag") == ()


def test_every_official_image_has_tags() -> None:
    names = [name for name in KB.official_repositories() if not KB.official_tags(name)]
    assert names == []
    assert len(KB.official_repositories()) > 100


def test_an_alias_of_an_image_is_an_official_alias() -> None:
    """`aliases` of an image file name tags that official-images puts into one group."""
    for repository in KB.repositories():
        groups = KB.official_tags(repository)
        home = {tag: set(group) for group in groups for tag in group}
        own = {image.tag for image in KB.images.values() if image.repository == repository}
        for tag in KB.tags(repository):
            if tag in own:
                continue
            match = KB.image(repository, tag)
            assert match is not None, f"{repository}:{tag}"
            assert match.image.tag in home.get(tag, ()), f"{repository}:{tag}"


@pytest.mark.parametrize(("manager", "name", "release", "library"), WELL_KNOWN_TWINS)
def test_twins_of_well_known_dev_packages(manager: str, name: str, release: str | None, library: str) -> None:
    assert library in KB.twins(manager, name, release)


def test_no_twin_is_a_dev_package() -> None:
    wrong = [
        (name, twin)
        for (_, name), package in KB.system_packages.items()
        for twins in package.twins.values()
        for twin in twins
        if twin.endswith(("-dev", "-devel", "-headers"))
    ]
    assert wrong == []


def test_headers_of_musl_and_debians_python_have_no_twin_on_debian() -> None:
    assert KB.twins("apt", "musl-dev", "bookworm") == ()
    assert KB.twins("apt", "python3-dev", "bookworm") == ()


def test_recommends_never_make_an_installation_smaller() -> None:
    for package in KB.system_packages.values():
        for with_recommends in (claim for claim in package.added if claim.quantity == "added-with-recommends"):
            without = [
                claim.value
                for claim in package.added
                if claim.quantity == "added" and claim.subject == with_recommends.subject
            ]
            assert all(value <= with_recommends.value for value in without), package.name


def test_wheels_are_smaller_than_what_they_unpack_to() -> None:
    for package in KB.python_packages.values():
        for wheel in package.wheels:
            assert wheel.size > 0, package.name
            assert wheel.unpacked is None or wheel.unpacked > wheel.size * 0.9, package.name


def test_the_seeds_c_extensions_have_todays_wheels() -> None:
    """Seed 14 and 15: all but psycopg2 have wheels for glibc; on musl opencv-python has none either."""
    for name in ("numpy", "pandas", "scipy", "opencv-python", "uvloop", "orjson", "cryptography"):
        package = KB.python_package(name)
        assert package is not None, name
        assert package.wheel_for("3.13", "glibc") is not None, name
    psycopg2 = KB.python_package("psycopg2")
    assert psycopg2 is not None
    assert psycopg2.wheels == ()
    assert psycopg2.build_needs["apt"] == ("gcc", "libpq-dev")
    assert psycopg2.runtime_needs["apt"] == ("libpq5",)
    opencv = KB.python_package("opencv_python")
    assert opencv is not None
    assert opencv.wheel_for("3.13", "musl") is None


def test_run_time_needs_are_never_headers() -> None:
    wrong = [
        (package.name, need)
        for package in KB.python_packages.values()
        for needs in package.runtime_needs.values()
        for need in needs
        if need.endswith("-dev")
    ]
    assert wrong == []


def expanded(body: str) -> str:
    """What an editor inserts for an LSP snippet when the author keeps every placeholder."""
    text = body.replace(r"\$", "\0").replace(r"\}", "\1").replace(r"\\", "\2")
    for _ in range(3):  # placeholders inside placeholders
        text = re.sub(r"\$\{\d+\|([^,|]*)[^}]*\|\}", r"\1", text)
        text = re.sub(r"\$\{\d+:([^${}]*)\}", r"\1", text)
    text = re.sub(r"\$\d+", "", text)
    return text.replace("\0", "$").replace("\1", "}").replace("\2", "\\")


def faults(text: str) -> list[str]:
    if not text.startswith(("FROM", "ARG", "#")):
        text = "FROM scratch\n" + text
    return [problem.code for item in parse(text).items for problem in item.problems]


SNIPPETS = [(keyword, snippet.label) for keyword, doc in KB.instructions.items() for snippet in doc.snippets]


@pytest.mark.parametrize(("keyword", "label"), SNIPPETS)
def test_snippets_expand_to_sound_dockerfile_text(keyword: str, label: str) -> None:
    body = next(snippet.body for snippet in KB.instructions[keyword].snippets if snippet.label == label)
    text = expanded(body)
    assert keyword in text
    assert "${1" not in text
    assert faults(text) == []


@pytest.mark.parametrize("keyword", sorted(KB.instructions))
def test_examples_of_instructions_are_sound(keyword: str) -> None:
    assert faults(KB.instructions[keyword].example) == []


@pytest.mark.parametrize("type_", sorted(KB.mounts))
def test_examples_of_mounts_are_sound(type_: str) -> None:
    assert faults(KB.mounts[type_].example) == []


@pytest.mark.parametrize("name", sorted(KB.directives))
def test_examples_of_directives_are_directives(name: str) -> None:
    tree = parse(KB.directives[name].example + "\nFROM scratch\n")
    assert [directive.name for directive in tree.directives] == [name]
