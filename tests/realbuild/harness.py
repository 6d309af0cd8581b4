"""One case: convert a project, build it before and after, run both, compare what can be seen from outside."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import yaml

from slimstage.analysis import Analysis, AnalysisOptions
from slimstage.context.folder import FolderContext
from slimstage.knowledge import KnowledgeBase
from slimstage.rewrites import Conversion, Refusal
from slimstage.text import SourceText
from tests.realbuild import bases
from tests.realbuild.docker import Docker
from tests.realbuild.gems import packed

CASES = Path(__file__).parent / "cases"

# Runs in the container's network namespace: the servers listen on an interface that nothing else reaches.
_ASK = r"""
import json, sys, time, urllib.error, urllib.request
port, paths = int(sys.argv[1]), sys.argv[2:]
def ask(path):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Host": "localhost"})
    try:
        answer = urllib.request.urlopen(request, timeout=10)
    except urllib.error.HTTPError as error:
        answer = error
    kind = (answer.headers.get("Content-Type") or "").split(";")[0].strip()
    return [path, answer.status, kind, answer.read().decode("utf-8", "replace")]
for attempt in range(150):
    try:
        ask(paths[0]); break
    except OSError:
        time.sleep(0.2)
print(json.dumps([ask(path) for path in paths]))
"""


@dataclass
class Case:
    """`expect` is "converts" or a refusal's reason; the rest says how to look at the containers."""

    name: str
    expect: str
    kind: str
    about: str
    arguments: list[str] = field(default_factory=list)
    port: int | None = None
    paths: list[str] = field(default_factory=list)
    ignore_user: bool = False
    ignore_error_body: bool = False
    wishes: dict[str, Any] = field(default_factory=dict)
    gems: list[str] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        return CASES / self.name

    @property
    def dockerfile(self) -> str:
        return (self.folder / "Dockerfile").read_text(encoding="utf-8")


def read_case(name: str) -> Case:
    """A case from its folder."""
    data: dict[str, Any] = yaml.safe_load((CASES / name / "case.yaml").read_text(encoding="utf-8"))
    return Case(name, **data)


def all_cases() -> list[str]:
    """The names of the cases, sorted."""
    return sorted(path.parent.name for path in CASES.glob("*/case.yaml"))


def convert(case: Case, knowledge: KnowledgeBase, context: Path) -> Conversion | Refusal:
    """What slimstage says to the case, with `context` as the build context."""
    options = AnalysisOptions(conversion=case.wishes)
    return Analysis(SourceText(case.dockerfile), knowledge, FolderContext(context), options).conversion


@dataclass(frozen=True)
class Behaviour:
    """What a container shows: exit code and output of a program that ends; answers, user and reaction to the stop
    signal of one that serves. `quick` says whether it stopped before it had to be killed.
    """

    output: str = ""
    code: int | None = None
    answers: tuple[tuple[Any, ...], ...] = ()
    user: str = ""
    quick: bool = True


def prepared(case: Case, work: Path) -> Path:
    """The case's build context, without what only the tests read."""
    target = work / case.name
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(case.folder, target, ignore=shutil.ignore_patterns("case.yaml", "__pycache__"))
    for gem in case.gems:
        packed(target / gem, target / "vendor/cache")
        shutil.rmtree(target / gem)
    return target


def build(docker: Docker, case: Case, context: Path, label: str, dockerfile: str, work: Path) -> str:
    """Build one Dockerfile of a case; returns the image's tag."""
    from slimstage.model import Model
    from slimstage.syntax import parse

    model = Model(parse(dockerfile), _nothing(), None)
    for stage in model.stages:
        if stage.base_stage is None and stage.image_text and stage.image_text != "scratch":
            bases.provide(docker, stage.image_text, work / "bases")
    for reference in model.references:
        if reference.kind == "copy" and reference.image is not None:
            bases.provide(docker, reference.text, work / "bases")
    tag = f"slimstage-realbuild:{case.name}-{label}"
    docker.build(tag, context, dockerfile)
    return tag


def _nothing() -> KnowledgeBase:
    from slimstage.knowledge import load

    return load()


def observe(docker: Docker, case: Case, tag: str) -> Behaviour:
    """Run an image without a network and look at it."""
    if case.port is None:
        done = docker.run("run", "--rm", "--network", "none", tag, *case.arguments, check=False)
        return Behaviour(output=(done.stdout + done.stderr).strip(), code=done.returncode)
    container = docker.run("run", "-d", "--network", "none", tag, *case.arguments).stdout.strip()
    try:
        pid = docker.run("inspect", "-f", "{{.State.Pid}}", container).stdout.strip()
        command = ["nsenter", "-n", "-t", pid, sys.executable, "-c", _ASK, str(case.port), *case.paths]
        asked = subprocess.run(command, check=False, capture_output=True, text=True, timeout=90)
        if asked.returncode:
            logs = docker.run("logs", container, check=False)
            return Behaviour(output=f"no answer: {asked.stderr[-300:]}\n{logs.stdout[-800:]}{logs.stderr[-800:]}")
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
        user = next(line.split()[1] for line in status.splitlines() if line.startswith("Uid:"))
        start = time.monotonic()
        docker.run("stop", "-t", "5", container)
        quick = time.monotonic() - start < 4
        answers = tuple(
            tuple(answer[:2]) if case.ignore_error_body and answer[1] >= 400 else tuple(answer)
            for answer in json.loads(asked.stdout)
        )
        return Behaviour(answers=answers, user="" if case.ignore_user else user, quick=quick)
    finally:
        docker.run("rm", "-f", container, check=False)


@dataclass
class Result:
    """What a case came to, for the report. Sizes in bytes on disk."""

    name: str
    kind: str
    about: str
    outcome: str
    before: int | None = None
    after: int | None = None
    seconds_before: float | None = None
    seconds_after: float | None = None

    def saved(self, folder: Path) -> None:
        """Keep it for `report.py`."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{self.name}.json").write_text(json.dumps(asdict(self)), encoding="utf-8")
