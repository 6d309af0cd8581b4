"""The loader: laziness, look-ups, users' files, faults with file and line, compiled and cached forms."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from slimstage.knowledge import KnowledgeBase, KnowledgeError, fill, load
from slimstage.knowledge import store as knowledge_store
from slimstage.knowledge.compile import compile_into
from slimstage.knowledge.nearest import read_tag

IMAGES = """
repository: {repository}
defaults: {{libc: glibc, distro: debian, package_manager: apt, shell: /bin/sh, language: python}}
tags:
  "3.11-slim":
    summary: {{en: Python 3.11, ko: Python 3.11}}
    language_version: "3.11"
    release: trixie
    end_of_life: "2027-10-31"
    contents: [sh, pip]
    disk: {{value: 124.84, unit: MB, basis: measured, source: repo-info, date: "2026-08-05"}}
  "3.12-slim": {{language_version: "3.12", contents: [sh, pip, curl]}}
  "3.11-alpine3.20": {{language_version: "3.11", libc: musl, distro: alpine, release: "3.20", package_manager: apk}}
aliases: {{slim: 3.12-slim}}
"""
TEXT = "{en: a, ko: 가}"


@pytest.fixture(scope="module")
def kb() -> KnowledgeBase:
    return load()


@pytest.fixture
def own(tmp_path: Path) -> KnowledgeBase:
    path = tmp_path / "mine.yaml"
    path.write_text(IMAGES.format(repository="corp/python"), encoding="utf-8")
    return load([path])


def test_exact_image_and_alias(own: KnowledgeBase) -> None:
    match = own.image("corp/python", "3.11-slim")
    assert match is not None and match.exact
    assert match.image.reference == "corp/python:3.11-slim"
    alias = own.image("docker.io/corp/python", "slim")
    assert alias is not None and alias.exact
    assert alias.image.tag == "3.12-slim"


def test_official_names_in_any_spelling(kb: KnowledgeBase) -> None:
    wanted = kb.image("python", "3.11-slim")
    assert wanted is not None and wanted.exact
    for repository in ("docker.io/library/python", "library/python", "index.docker.io/library/python"):
        assert kb.image(repository, "3.11-slim") == wanted


def test_relative_of_the_same_family_brings_its_figures(own: KnowledgeBase) -> None:
    match = own.image("corp/python", "3.11.4-slim-bookworm")
    assert match is not None and not match.exact
    assert match.image.tag == "3.11-slim"
    assert match.image.disk is not None
    assert match.image.release == "bookworm"  # the tag's own word, not the relative's trixie
    assert match.image.end_of_life is None


def test_another_version_brings_no_figures(own: KnowledgeBase) -> None:
    match = own.image("corp/python", "3.9-slim")
    assert match is not None and not match.exact
    image = match.image
    assert (image.libc, image.package_manager, image.language, image.language_version) == (
        "glibc",
        "apt",
        "python",
        "3.9",
    )
    assert image.disk is None and image.end_of_life is None
    assert image.summary.en == ""  # the relative's speaks of its own version
    assert image.contents == {"sh", "pip"}  # what every known slim has


def test_nothing_is_guessed_across_variants_and_repositories(own: KnowledgeBase) -> None:
    assert own.image("corp/python", "3.11-windowsservercore") is None
    assert own.image("corp/python", "3.11") is None
    assert own.image("corp/ruby", "3.11-slim") is None
    assert own.image("python.example.org/python", "3.11-slim") is None
    alpine = own.image("corp/python", "3.11-alpine")
    assert alpine is not None and alpine.image.libc == "musl"


@pytest.mark.parametrize(
    ("tag", "version", "variant", "release"),
    [
        ("3.11.4-slim-bookworm", (3, 11, 4), {"slim"}, "bookworm"),
        ("22-alpine3.19", (22,), {"alpine"}, "3.19"),
        ("17.0.9_9-jre-jammy", (17, 0, 9), {"jre"}, "jammy"),
        ("17-jre-alpine-3.23", (17,), {"jre", "alpine"}, "3.23"),
        ("8.3-jdk17", (8, 3), {"jdk17"}, None),
        ("bookworm-20240101-slim", (), {"slim"}, "bookworm"),
        ("latest", (), set(), None),
    ],
)
def test_tag_is_taken_apart(tag: str, version: tuple[int, ...], variant: set[str], release: str | None) -> None:
    assert read_tag(tag) == (version, variant, release)


@pytest.mark.parametrize("name", ["libpq-dev", "libpq-dev=15.8-0", "libpq-dev:arm64", "libpq-dev/bookworm-backports"])
def test_system_package_in_any_spelling(kb: KnowledgeBase, name: str) -> None:
    package = kb.system_package("apt-get", name)
    assert package is not None
    assert (package.name, package.role) == ("libpq-dev", "dev")


def test_unknown_packages(kb: KnowledgeBase) -> None:
    derived = kb.system_package("apt", "libnobody-knows-dev")
    assert derived is not None and derived.role == "dev"
    assert kb.system_package("apt", "nobody-knows") is None
    assert kb.system_package("apt", "") is None


def test_twins_by_release(kb: KnowledgeBase) -> None:
    assert kb.twins("apt", "libpq-dev", "bookworm") == ("libpq5",)
    assert kb.twins("apt", "libpq-dev", None) == ("libpq5",)  # all releases agree
    assert kb.twins("apt", "libmagic-dev", "bookworm") != kb.twins("apt", "libmagic-dev", "trixie")
    assert kb.twins("apt", "libmagic-dev", None) == ()  # they do not: nothing is guessed
    assert kb.twins("apk", "libpq-dev", "3.20") == ("libpq",)


@pytest.mark.parametrize("name", ["opencv-python", "OpenCV_Python", "opencv.python[all]>=4", "opencv-python==5.0"])
def test_python_package_in_any_spelling(kb: KnowledgeBase, name: str) -> None:
    package = kb.python_package(name)
    assert package is not None and package.name == "opencv-python"


def test_filling_never_raises() -> None:
    assert fill("{a} and {b}", {"a": 1}) == "1 and {b}"
    assert fill("{a.x} {a[0]} {}", {"a": 1}) == "{a.x} {a[0]} {0}"
    assert fill("{a:>q}", {"a": "x"}) == "x"
    assert fill("{{{a}}}", {"a": 1}) == "{1}"
    assert fill("a { b", {}) == "a { b"


def test_missing_texts_show_their_key(kb: KnowledgeBase) -> None:
    assert kb.text("no.such.text", "ko") == "no.such.text"
    assert kb.rule_message("no-such-rule", "default", "en", {}) == "no-such-rule: default"


def test_rule_texts_come_filled_in_both_languages(tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    texts = "{default: {en: 'drop {name}', ko: '{name} 제거'}}"
    (folder / "my-rule.yaml").write_text(
        f"title: {TEXT}\ndescription: {TEXT}\nmessages: {texts}\nfixes: {texts}\nlabels: {texts}\n", encoding="utf-8"
    )
    kb = load([tmp_path])
    assert kb.rule_message("my-rule", "default", "en", {"name": "gcc"}) == "drop gcc"
    assert kb.fix_title("my-rule", "default", "ko", {"name": "gcc"}) == "gcc 제거"
    assert kb.related_label("my-rule", "default", "ko", {}) == "{name} 제거"


def test_users_file_overrides_and_extends(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        f"concepts:\n  layer: {{title: {TEXT}, summary: {TEXT}, body: {TEXT}}}\n"
        f"  our-way: {{title: {TEXT}, summary: {TEXT}, body: {TEXT}}}\n"
        f"packages:\n  apt:\n    libcorp-dev: {{role: dev, twins: {{'*': [libcorp1]}}}}\n"
        f"messages: {{describe: {{label: {{see: {TEXT}}}}}}}\n"
        "images:\n  - {repository: python, tags: {corp: {shell: /bin/sh}}}\n",
        encoding="utf-8",
    )
    kb = load([path])
    assert kb.concepts["layer"].title.en == "a"
    assert {"our-way", "multi-stage-build"} <= set(kb.concepts)
    assert kb.twins("apt", "libcorp-dev", "bookworm") == ("libcorp1",)
    assert kb.text("describe.label.see", "ko") == "가"
    own = kb.image("python", "corp")
    assert own is not None and own.exact
    assert kb.image("python", "3.11-slim") is not None


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("concepts:\n  x:\n    titel: {en: a, ko: b}\n", 2, "`title` is missing"),
        (
            f"concepts:\n  x:\n    title: {TEXT}\n    summary: {TEXT}\n    body: {TEXT}\n    clams: []\n",
            6,
            "did you mean `claims`?",
        ),
        ("concpets: {}\n", 1, "did you mean `concepts`?"),
        ("packages:\n  pip: {}\n", 2, "unknown key `pip`"),
        ("packages:\n  apt:\n    x:\n      role: devel\n", 4, "'devel' is none of"),
        ("repository: x\ntags:\n  a: {}\n  3.10: {}\n", 4, "is not text: write it in quotes"),
        ("repository: x\ntags:\n  a: {}\n  a: {}\n", 4, "the key `a` is there twice"),
        (
            "repository: x\ntags:\n  a: {disk: {value: 1, unit: MB, basis: guessed, source: s, date: d}}\n",
            3,
            "'guessed' is none of",
        ),
        ("- a\n", 1, "expected a mapping, found a list"),
        ("a: [\n", 2, ""),
        ("messages:\n  a: {en: only}\n", 2, "`ko` is missing"),
    ],
)
def test_a_fault_is_told_with_file_and_line(tmp_path: Path, text: str, line: int, message: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(KnowledgeError) as fault:
        load([path])
    assert (fault.value.file, fault.value.line) == (str(path), line)
    told = load().fault_text(fault.value, "en")
    assert told.startswith(f"{path}:{line}: ")
    assert message in told
    korean = load().fault_text(fault.value, "ko")
    assert korean.startswith(f"{path}:{line}: ")
    assert any("가" <= character <= "힣" for character in korean.removeprefix(str(path)))
    assert "knowledge." not in told + korean
    assert "{" not in told + korean


def test_missing_binary_and_empty_files(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match=r"absent\.yaml"):
        load([tmp_path / "absent.yaml"])
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(KnowledgeError) as fault:
        load([tmp_path / "binary.yaml"])
    assert load().fault_text(fault.value, "en").endswith(": not UTF-8 at byte 0")
    assert load().fault_text(fault.value, "ko").endswith(": 0번째 바이트가 UTF-8이 아닙니다")
    (tmp_path / "empty.yaml").write_text("", encoding="utf-8")
    assert load([tmp_path / "empty.yaml"]).concepts


def test_compiled_form_is_the_same_data(tmp_path: Path) -> None:
    written = compile_into(tmp_path)
    assert {path.stem for path in written} >= set(knowledge_store.KINDS)
    for kind in knowledge_store.KINDS:
        assert knowledge_store.read_kind(kind, tmp_path) == knowledge_store.read_kind(kind)


def test_cache_follows_changes_and_may_be_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(sys, "platform", "linux")
    source = tmp_path / "knowledge" / "sources.yaml"
    source.parent.mkdir()
    source.write_text("a: {x: 1}\n", encoding="utf-8")
    assert knowledge_store.read_kind("sources", source.parent) == {"sources.yaml": {"a": {"x": 1}}}
    (cached,) = (tmp_path / "cache" / "slimstage").iterdir()
    held = json.loads(cached.read_text(encoding="utf-8"))
    held["files"]["sources.yaml"]["a"]["x"] = 2  # a sign that the next answer came from here
    cached.write_text(json.dumps(held), encoding="utf-8")
    assert knowledge_store.read_kind("sources", source.parent) == {"sources.yaml": {"a": {"x": 2}}}
    source.write_text("a: {x: 33}\n", encoding="utf-8")
    assert knowledge_store.read_kind("sources", source.parent) == {"sources.yaml": {"a": {"x": 33}}}
    cached.write_bytes(b"\x00broken")
    assert knowledge_store.read_kind("sources", source.parent) == {"sources.yaml": {"a": {"x": 33}}}


def test_works_without_a_cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))  # no folder can be made below a file
    assert load().concepts["layer"].id == "layer"


def test_loading_reads_no_kind_before_it_is_asked_for() -> None:
    code = (
        "import sys\n"
        "from slimstage.knowledge import load\n"
        "kb = load()\n"
        "assert 'yaml' not in sys.modules\n"
        "assert not {name for name in vars(kb) if not name.startswith('_')}, vars(kb)\n"
    )
    server = Path(knowledge_store.__file__).parents[2]
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": str(server)})


def test_the_readmes_example_of_own_facts_loads(tmp_path: Path) -> None:
    readme = (knowledge_store.data_folder() / "README.md").read_text(encoding="utf-8")
    example = readme.rpartition("```yaml\n")[2].partition("```")[0]
    path = tmp_path / "company.yaml"
    path.write_text(example, encoding="utf-8")
    kb = load([path])
    assert kb.image("registry.example.com/base/python", "3.11") is not None
    assert kb.twins("apt", "libcompany-dev", None) == ("libcompany1",)
    assert kb.concepts["our-base-images"].title.ko == "사내 베이스 이미지"
