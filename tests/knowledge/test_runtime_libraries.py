"""What Python packages want when they run, by the names of the release that ships."""

from __future__ import annotations

from pathlib import Path

import pytest

from slimstage.knowledge import KnowledgeBase, load

KB = load()
OPENCV = ("libgl1", "libglib2.0-0")


def libraries(
    name: str, release: str | None, built: str | None = None, manager: str = "apt", knowledge: KnowledgeBase = KB
) -> tuple[str, ...] | None:
    package = knowledge.python_package(name)
    assert package is not None
    return knowledge.runtime_libraries(package, manager, release, built)


@pytest.mark.parametrize(
    ("name", "bookworm", "trixie"),
    [
        ("opencv-python", OPENCV, ("libgl1", "libglib2.0-0t64")),
        ("python-magic", ("libmagic1",), ("libmagic1t64",)),
        ("pyzbar", ("libzbar0",), ("libzbar0t64",)),
        ("python-ldap", ("libldap-2.5-0", "libsasl2-2"), ("libldap2", "libsasl2-2")),
        ("wand", ("libmagickwand-6.q16-6",), ("libmagickwand-7.q16-10",)),
        ("psycopg2", ("libpq5",), ("libpq5",)),
        ("flask", (), ()),
    ],
)
def test_names_of_each_release(name: str, bookworm: tuple[str, ...], trixie: tuple[str, ...]) -> None:
    assert libraries(name, "bookworm") == bookworm
    assert libraries(name, "trixie") == trixie


@pytest.mark.parametrize("release", ["bullseye", "bookworm", "trixie"])
def test_every_answer_is_a_package_of_the_release(release: str) -> None:
    found = KB.debian(release)
    assert found is not None
    answers = {name: libraries(name, release) for name in KB.python_packages}
    assert sum(bool(answer) for answer in answers.values()) >= 20
    assert [one for answer in answers.values() for one in answer or () if found.table.package(one) is None] == []


@pytest.mark.parametrize("release", [None, "buster", "focal"])
def test_a_release_without_a_table(release: str | None) -> None:
    """What all releases have under one name, or provide under it, is said; what only one has is not known."""
    assert libraries("psycopg2", release) == ("libpq5",)
    assert libraries("opencv-python", release) == OPENCV
    assert libraries("flask", release) == ()
    assert libraries("python-ldap", release) is None
    assert libraries("wand", release) is None


def test_what_a_release_has_no_more() -> None:
    assert libraries("pdfkit", "bookworm") == ("wkhtmltopdf",)
    assert libraries("pdfkit", "trixie") is None


def test_compiled_on_another_release() -> None:
    """The same library may bear another name; another library is no stand-in."""
    assert libraries("python-magic", "trixie", "bookworm") == ("libmagic1t64",)
    assert libraries("python-ldap", "trixie", "bookworm") is None
    assert libraries("python-ldap", "trixie", "trixie") == ("libldap2", "libsasl2-2")


def test_alpine_has_one_name() -> None:
    assert libraries("python-ldap", "3.21", manager="apk") == ("libldap", "libsasl")


def test_a_name_of_no_release_stays(tmp_path: Path) -> None:
    """A company's own package comes from its own repository."""
    own = tmp_path / "company.yaml"
    own.write_text(
        "packages:\n  pypi:\n    our-client:\n      {version: '1', pure: true, sdist: 1, date: '2026-01-01',"
        " wheels: [], runtime_needs: {apt: [libcompany1]}}\n"
    )
    knowledge = load([own])
    assert libraries("our-client", "trixie", knowledge=knowledge) == ("libcompany1",)
    assert libraries("our-client", None, knowledge=knowledge) == ("libcompany1",)
