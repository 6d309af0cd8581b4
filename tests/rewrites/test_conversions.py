"""Conversions by example, and what must hold of every one of them.

Each folder of `cases/` holds a Dockerfile, its build context, and `expected.Dockerfile` or `expected.refusal`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from slimstage.analysis import Analysis
from slimstage.context import DictContext
from slimstage.knowledge import KnowledgeBase, load
from slimstage.model import Model
from slimstage.rewrites import Conversion, ConversionOptions, Refusal, plan
from slimstage.rewrites.python_plan import slim_tag
from slimstage.rewrites.verify import failure, lost_comments
from slimstage.syntax import parse
from slimstage.text import SourceText

CASES = Path(__file__).parent / "cases"
REWRITES = Path(__file__).parents[2] / "server" / "slimstage" / "rewrites"
CONVERTED = sorted(path.parent.name for path in CASES.glob("*/expected.Dockerfile"))
REFUSED = sorted(path.parent.name for path in CASES.glob("*/expected.refusal"))


@cache
def knowledge() -> KnowledgeBase:
    return load()


def read(case: str) -> tuple[str, DictContext | None]:
    folder = CASES / case
    files = {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith("expected.")
    }
    text = files.pop("Dockerfile")
    return text, DictContext(files) if files else None


def convert(text: str, context: DictContext | None, options: ConversionOptions | None = None) -> Conversion | Refusal:
    return plan(Model(parse(text), knowledge(), context), options)


def converted(case: str) -> Conversion:
    found = convert(*read(case))
    assert isinstance(found, Conversion), found
    return found


def test_there_are_cases() -> None:
    assert len(CONVERTED) >= 6 and len(REFUSED) >= 10


@pytest.mark.parametrize("case", CONVERTED)
def test_expected_text(case: str) -> None:
    assert converted(case).text == (CASES / case / "expected.Dockerfile").read_text(encoding="utf-8")


@pytest.mark.parametrize("case", REFUSED)
def test_refusal(case: str) -> None:
    found = convert(*read(case))
    assert isinstance(found, Refusal), found
    assert found.reason == (CASES / case / "expected.refusal").read_text(encoding="utf-8").strip()


@pytest.mark.parametrize("case", CONVERTED)
def test_converting_twice_changes_nothing(case: str) -> None:
    _, context = read(case)
    assert isinstance(convert(converted(case).text, context), Refusal)


@pytest.mark.parametrize("case", CONVERTED)
def test_comments_metadata_and_stages_hold(case: str) -> None:
    text, context = read(case)
    found = converted(case)
    lost = lost_comments(parse(text), parse(found.text))
    assert set(lost) <= {"Too late: the layer above keeps them."}  # its instruction went, and it with it
    new_server = found.pattern == "node-static-site"
    anew = any(step.key in ("start-directly", "start-script") for step in found.steps)
    model = Model(parse(text), knowledge(), context)
    assert failure(model, found.text, new_server=new_server, new_command="CMD" if anew else "") is None


@pytest.mark.parametrize("case", CONVERTED)
def test_changes_make_the_text_and_name_a_step(case: str) -> None:
    text, context = read(case)
    model = Model(parse(text), knowledge(), context)
    found = plan(model)
    assert isinstance(found, Conversion)
    edits = [(model.dockerfile.span_of(change.place), change.new) for change in found.changes]
    assert SourceText(text).edited(edits).text == found.text
    assert all(0 <= change.step < len(found.steps) for change in found.changes)


@pytest.mark.parametrize("case", CONVERTED)
def test_our_own_rules_find_nothing_worse(case: str) -> None:
    text, context = read(case)
    before = Analysis(SourceText(text), knowledge(), context)
    after = Analysis(SourceText(converted(case).text), knowledge(), context)
    worse = {"missing-runtime-library", "copied-path-never-produced", "build-tools-in-final-stage"}
    assert not [finding.rule for finding in after.findings if finding.rule in worse]
    errors = {finding.rule for finding in before.findings if before.severity(finding) == "error"}
    assert not {f.rule for f in after.findings if after.severity(f) == "error"} - errors


@pytest.mark.parametrize("case", CONVERTED)
def test_the_analysis_offers_it(case: str) -> None:
    text, context = read(case)
    found = Analysis(SourceText(text), knowledge(), context).conversion
    assert isinstance(found, Conversion)
    assert found.text == converted(case).text


@pytest.mark.parametrize("case", CONVERTED)
def test_windows_line_ends_survive(case: str) -> None:
    text, context = read(case)
    found = convert(text.replace("\n", "\r\n"), context)
    assert isinstance(found, Conversion)
    assert found.text == converted(case).text.replace("\n", "\r\n")


def test_every_reason_and_step_has_its_texts() -> None:
    messages = knowledge().messages
    for case in REFUSED:
        found = convert(*read(case))
        assert isinstance(found, Refusal)
        for lang in ("en", "ko"):
            text = messages[f"conversion.refusal.{found.reason}"].to(lang).format(**found.args)
            assert text and "{" not in text
    for case in CONVERTED:
        for step in converted(case).steps:
            for part in ("what", "why"):
                for lang in ("en", "ko"):
                    assert messages[f"conversion.step.{step.key}.{part}"].to(lang).format(**step.args)


def test_every_reason_and_step_in_the_code_has_its_texts() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in REWRITES.glob("*.py"))
    reasons = re.findall(r"\bRefus(?:ed|al)\(\s*\"([a-z-]+)\"", code)
    steps = re.findall(r"\.step\(\s*\"([a-z-]+)\"", code)
    assert len(reasons) > 30 and len(steps) > 10
    messages = knowledge().messages
    assert not [reason for reason in reasons if f"conversion.refusal.{reason}" not in messages]
    assert not [step for step in steps for part in ("what", "why") if f"conversion.step.{step}.{part}" not in messages]


def test_the_seed_gets_smaller_by_what_was_measured() -> None:
    found = converted("python-seed")
    assert found.before is not None and found.after is not None and found.saving is not None
    assert found.saving.low > 290_000_000
    assert found.before.bytes > found.after.bytes > 120_000_000


def test_a_taken_name_is_not_used_again() -> None:
    text = "FROM alpine AS builder\n" + read("python-seed")[0]
    found = convert(text, read("python-seed")[1])
    assert isinstance(found, Conversion)
    assert "AS builder2" in found.text and "--from=builder2" in found.text


def test_broken_code_would_be_caught() -> None:
    """The check rejects a rewrite that loses the start command, an ENV, or a stage."""
    text, context = read("python-seed")
    model = Model(parse(text), knowledge(), context)
    good = converted("python-seed").text
    assert failure(model, good) is None
    assert failure(model, good.replace('CMD ["python", "main.py"]\n', "")) == "metadata"
    assert failure(model, good.replace("COPY . .", "ENV A=1\nCOPY . .")) == "environment"
    assert failure(model, good.replace("--from=builder", "--from=7")) == "dangling-reference"
    assert failure(model, good.replace("FROM python:3.11-slim\nWORKDIR /app", "FROM python:3.11-slim")) == "state"


@pytest.mark.parametrize(
    "more",
    [
        "sed -i s/a/b/ /etc/hosts",  # changes what something else made
        "chown app /usr/local",  # a folder that this RUN did not make
        "mkdir $HOME/x",  # nobody knows where
        "cd /srv && mkdir x",  # relative to a folder that the builder alone entered
        "(mkdir /x)",
        "mkdir /x || true",
        "mkdir /x > /log",
    ],
)
def test_a_run_is_not_divided_when_its_parts_hang_together(more: str) -> None:
    text, context = read("python-divided-runs")
    found = convert(text.replace("mkdir -p /data", more), context)
    assert isinstance(found, Refusal)
    assert found.reason == "mixed-run"


@pytest.mark.parametrize(
    "changed",
    [
        lambda text: text.replace("FROM base AS app", "FROM alpine AS other\nFROM base AS app"),  # not right before it
        lambda text: text.replace("COPY . .", "COPY --from=base /etc/hosts /x"),
        lambda text: text.replace("COPY . .", "RUN --mount=from=base,target=/b ls /b"),
        lambda text: text.replace("FROM base", "FROM --platform=linux/amd64 base"),
        lambda text: text.replace("COPY . .", "ENTRYPOINT []").replace("CMD", "#").replace("WORKDIR", "CMD x\nWORKDIR"),
        lambda text: text.replace("COPY requirements", "ONBUILD COPY x y\nCOPY requirements"),
    ],
)
def test_stages_are_planned_as_one_only_when_nothing_else_wants_the_first(changed: Callable[[str], str]) -> None:
    text, context = read("chain-python")
    assert changed(text) != text
    found = convert(changed(text), context)
    assert isinstance(found, Refusal)
    assert found.reason in ("built-on-stage", "onbuild")
    assert found.place is None or found.place.item.text in changed(text)


def test_a_refusal_of_merged_stages_is_placed_in_the_file_itself() -> None:
    text, context = read("chain-python")
    model = Model(parse(text.replace("COPY . .", "RUN ./build.sh")), knowledge(), context)
    found = plan(model)
    assert isinstance(found, Refusal) and found.reason == "opaque-script"
    assert found.place is not None
    assert model.dockerfile.source.text[model.dockerfile.span_of(found.place).start :].startswith("./build.sh")


PROJECT = '[project]\nname = "x"\nversion = "1"\n'


def installing(what: str, pyproject: str = "", requirements: str = "") -> Conversion | Refusal:
    """A program on the full image whose only install is the one given."""
    text = f'FROM python:3.13-trixie\nWORKDIR /app\nCOPY . .\nRUN pip install {what}\nCMD ["python", "main.py"]\n'
    files = {"main.py": "print(1)\n", "pyproject.toml": pyproject, "requirements.txt": requirements}
    return convert(text, DictContext(files))


def test_a_project_of_the_context_brings_what_it_requires_itself() -> None:
    listed = PROJECT + 'dependencies = ["opencv-python"]\n[project.optional-dependencies]\nx = ["python-magic"]\n'
    for what, libraries in (
        (".", ["libgl1", "libglib2.0-0t64"]),
        (".[x]", ["libgl1", "libglib2.0-0t64", "libmagic1t64"]),
    ):
        found = installing(what, listed)
        assert isinstance(found, Conversion), found
        assert f"--no-install-recommends {' '.join(libraries)} " in found.text
    assert isinstance(installing(".", PROJECT), Conversion)


@pytest.mark.parametrize(
    ("what", "pyproject", "requirements"),
    [
        (".", PROJECT + 'dependencies = ["nobody-knows-this"]\n', ""),
        (".", PROJECT + 'dynamic = ["dependencies"]\n', ""),
        (".", PROJECT + '[build-system]\nbuild-backend = "maturin"\n', ""),
        (".", '[tool.poetry.dependencies]\nopencv-python = "*"\n', ""),
        (".[y]", PROJECT, ""),
        ("git+https://example.org/x.git", "", ""),
        ("https://example.org/x.tar.gz", "", ""),
        ("-r requirements.txt", "", "x @ git+https://example.org/x.git\n"),
    ],
)
def test_what_nobody_knows_the_libraries_of_stays_on_the_full_image(
    what: str, pyproject: str, requirements: str
) -> None:
    found = installing(what, pyproject, requirements)
    assert isinstance(found, Refusal) and found.reason == "requirement-unknown"


def test_what_is_known_by_name_may_come_from_a_repository() -> None:
    found = installing("'psycopg2 @ git+https://example.org/psycopg2.git'")
    assert isinstance(found, Conversion) and " libpq5 " in found.text


def test_git_for_what_pip_installs_from_a_repository_stays_in_the_builder() -> None:
    text = (
        "FROM python:3.13-slim-trixie\nRUN apt-get update && apt-get install -y git gcc\n"
        'RUN pip install "psycopg2-binary @ git+https://example.org/x.git"\nCOPY . .\nCMD ["python", "main.py"]\n'
    )
    found = convert(text, DictContext({"main.py": "print(1)\n"}))
    assert isinstance(found, Conversion), found
    assert "apt-get" not in found.text[found.text.rindex("FROM ") :]


def test_an_editable_install_in_a_requirements_file_is_one() -> None:
    found = installing("-r requirements.txt", PROJECT, "-e .\n")
    assert isinstance(found, Refusal) and found.reason == "editable-install"


@pytest.mark.parametrize(
    ("tag", "slim"),
    [
        ("latest", "slim"),
        ("3", "3-slim"),
        ("3.12-bookworm", "3.12-slim-bookworm"),
        ("trixie", "slim-trixie"),
        ("3.15-rc", "3.15-rc-slim"),
        ("3.15-rc-trixie", "3.15-rc-slim-trixie"),
    ],
)
def test_the_slim_variant_of_a_python_tag_is_one_that_there_is(tag: str, slim: str) -> None:
    assert slim_tag(tag) == slim
    assert any(slim in group for group in knowledge().official_tags("python"))


@pytest.mark.parametrize(
    ("tag", "requirement", "reason"),
    [
        ("3.12", "uwsgi", "requirement-unknown"),  # it links libxml2 and more, which the full image has
        ("3", "Pillow==8.1.2", "requirement-unknown"),  # no wheel for the Python that this tag means today
        ("3", "Pillow", None),
        ("3.8", "Pillow==8.1.2", None),
        ("3", "flask==2.0.0", None),
    ],
)
def test_what_the_full_image_compiles_against_is_not_guessed(tag: str, requirement: str, reason: str | None) -> None:
    text = f"FROM python:{tag}\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCMD python3\n"
    found = convert(text, DictContext({"requirements.txt": f"{requirement}\n"}))
    assert (found.reason if isinstance(found, Refusal) else None) == reason
