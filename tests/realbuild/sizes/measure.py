"""Builds the cases of cases.yaml for real and compares every line and the image with the estimate.

`python -m tests.realbuild.sizes.measure [CASE...]` from the repository's top builds (all) cases and writes
benchmarks/sizes.md from all results so far, unless that would lose rows it has. The daemon and the stand-in base
images are those of tests/realbuild; the engine is told the stand-ins' sizes, so that it and not its table of base
images is judged.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from slimstage.context.folder import FolderContext
from slimstage.knowledge import KnowledgeBase, load
from slimstage.model import Model
from slimstage.sizes import Size, decimal
from slimstage.sizes.estimate import estimate
from slimstage.sizes.records import ImageEstimate
from slimstage.syntax import parse
from tests.realbuild import bases
from tests.realbuild.docker import Docker, Unavailable, find

HERE = Path(__file__).parent
REPORT = HERE.parents[2] / "benchmarks" / "sizes.md"
CONVERSION = "conversion/"
_LAYERS = ("RUN", "COPY", "ADD")
_MARK = re.compile(r"^(RUN|COPY|ADD|WORKDIR)\b")


@dataclass
class Line:
    """One layer: what was built and what was estimated, in bytes."""

    text: str
    built: int
    estimated: int
    low: int
    high: int
    known: bool

    @property
    def held(self) -> bool:
        return self.low <= self.built <= self.high


def cases() -> dict[str, dict[str, Any]]:
    """The cases by name: those of cases.yaml, then the projects of the conversion tests as they are before."""
    data: dict[str, dict[str, Any]] = yaml.safe_load((HERE / "cases.yaml").read_text(encoding="utf-8"))
    for path in sorted((HERE.parent / "cases").glob("*/case.yaml")):
        about = yaml.safe_load(path.read_text(encoding="utf-8"))["about"]
        data[f"{CONVERSION}{path.parent.name}"] = {"about": about, "folder": path.parent}
    return data


def lay_out(case: dict[str, Any], folder: Path) -> str:
    """Write a case's build context; returns its Dockerfile, which is not in it."""
    if "folder" in case:
        leave_out = shutil.ignore_patterns("case.yaml", "Dockerfile", "expected*", "bad*")
        shutil.copytree(case["folder"], folder, dirs_exist_ok=True, ignore=leave_out)
        return str((case["folder"] / "Dockerfile").read_text(encoding="utf-8"))
    for name, text in case.get("files", {}).items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    for name, source in case.get("copies", {}).items():
        shutil.copyfile(HERE / "files" / source, folder / name)
    for name, count in case.get("blobs", {}).items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(os.urandom(count))
    return str(case["dockerfile"])


def external_images(dockerfile: str) -> list[str]:
    """The base images that are no stage of the file."""
    model = Model(parse(dockerfile), load())
    return list(dict.fromkeys(stage.image.raw for stage in model.stages if stage.image and not stage.is_scratch))


def with_bases(sizes: dict[str, int], work: Path) -> KnowledgeBase:
    """The shipped knowledge with the bytes of the bases that are really used."""
    shipped = load()
    paths: list[Path] = []
    for number, (reference, count) in enumerate(sizes.items()):
        repository, _, tag = reference.partition(":")
        match = shipped.image(repository, tag or None)
        record: dict[str, Any] = {"summary": {"en": "stand-in", "ko": "대체 이미지"}}
        if match is not None:
            for name in ("libc", "distro", "release", "package_manager", "language", "language_version", "kind"):
                value = getattr(match.image, name)
                if value is not None:
                    record[name] = value
            record["contents"] = sorted(match.image.contents)
            if match.image.package_manager == "apt" or repository in ("nginx", "eclipse-temurin"):
                # The stand-ins are made of this release, whatever the official image is made of today.
                record["release"] = "trixie" if "trixie" in tag else "bookworm"
                record.update(distro="debian", libc="glibc", package_manager="apt")
        record["disk"] = {"value": count, "unit": "bytes", "basis": "measured", "source": "realbuild",
                          "date": "2026-11-25"}  # fmt: skip
        path = work / f"base-{number}.yaml"
        path.write_text(yaml.safe_dump({"repository": repository, "tags": {tag or "latest": record}}), encoding="utf-8")
        paths.append(path)
    return load(paths)


def built_layers(docker: Docker, tag: str, base: str | None) -> list[tuple[str, int]]:
    """Bytes of the layers above the base, oldest first, those of metadata left out."""
    above = _history(docker, tag)
    below = len(_history(docker, base)) if base is not None else 0
    return [(text, count) for text, count in above[below:] if _MARK.match(text) and not text.startswith("WORKDIR")]


def _history(docker: Docker, tag: str) -> list[tuple[str, int]]:
    shown = docker.run("history", "--human=false", "--no-trunc", "--format", "{{.Size}}\t{{.CreatedBy}}", tag).stdout
    rows = [line.split("\t", 1) for line in shown.splitlines() if "\t" in line]
    return [(text, int(count)) for count, text in reversed(rows)]


def compare(image: ImageEstimate, layers: list[tuple[str, int]]) -> list[Line]:
    """Estimate beside measurement, layer by layer of the final stage and what it is built on."""
    found = [
        one
        for stage in image.final.stage.lineage[::-1]
        for one in image.stages[stage.index].instructions
        if one.instruction.keyword in _LAYERS
    ]
    assert len(found) == len(layers), ([one.instruction.text for one in found], layers)
    return [
        Line(
            " ".join(one.instruction.text.split()), count, one.disk.bytes, one.disk.low, one.disk.high, not one.unknown
        )
        for one, (_, count) in zip(found, layers, strict=True)
    ]


def measure(name: str, case: dict[str, Any], docker: Docker, work: Path) -> dict[str, Any]:
    """Build and estimate one case."""
    tag = f"slimstage-sizes:{name.replace('/', '-')}"
    with tempfile.TemporaryDirectory() as made:
        folder, side = Path(made) / "context", Path(made) / "side"
        folder.mkdir()
        side.mkdir()
        dockerfile = lay_out(case, folder)
        images = external_images(dockerfile)
        for image in images:
            bases.provide(docker, image, work)
        if not docker.has(tag):
            docker.build(tag, folder, dockerfile)
        sizes = {image: docker.size(image) for image in images}
        knowledge = with_bases(sizes, side)
        model = Model(parse(dockerfile), knowledge, FolderContext(folder))
        found = estimate(model)
        assert found is not None
        root = found.final.stage.root
        base = root.image.raw if root.image is not None and not root.is_scratch else None
        lines = compare(found, built_layers(docker, tag, base))
        return {
            "name": name,
            "about": case["about"],
            "built": docker.size(tag),
            "base": sizes.get(base or "", 0),
            "estimate": _plain(found.disk),
            "unknown": [part.what for part in found.unknown],
            "lines": [vars(line) for line in lines],
        }


def _plain(size: Size) -> dict[str, int]:
    return {"bytes": size.bytes, "low": size.low, "high": size.high}


_HEAD = """# Estimated and built sizes

Written by `python -m tests.realbuild.sizes.measure`: small projects of our own, built by BuildKit, sizes as `docker
history` and `docker image inspect` give them, against what `slimstage size` says without building. Base images are
stand-ins made from the distribution's packages, and the engine is told *their* sizes: what is judged is the engine,
not its table of base images. The package index these builds used forbids caching, so that pip's cache stayed empty
where the engine counts it (python-flask-cache, python-compilers-stay).
A question mark: some part of the image is not known.
"""


_OTHER = """## The projects of the conversion tests, before their conversion

They came after the engine. Three assumptions were changed once they had been seen: the usual size of Go's build cache,
and the lower bounds of Maven's cache and of what a script of package.json builds.
"""


def report(results: list[dict[str, Any]]) -> str:
    """The text of benchmarks/sizes.md."""
    own = [one for one in results if not one["name"].startswith(CONVERSION)]
    other = [one for one in results if one["name"].startswith(CONVERSION)]
    details = [
        "## Layers above 1 MB",
        "",
        "A question mark: some part of the layer is not known, and named as such.",
        "",
        "| case | instruction | built | estimated | interval |",
        "|---|---|---|---|---|",
        *(
            _line_row(one["name"], Line(**line))
            for one in results
            for line in one["lines"]
            if max(line["built"], line["estimated"]) > 1_000_000
        ),
    ]
    parts = [_HEAD, *_summary("Cases the engine was calibrated with", own)]
    if other:
        parts += [_OTHER, *_summary("The projects of the conversion tests, before their conversion", other)[1:]]
    return "\n".join([*parts, *details, ""])


def _summary(title: str, results: list[dict[str, Any]]) -> list[str]:
    """One group of cases: its figures and its table."""
    errors = [abs(one["estimate"]["bytes"] - one["built"]) / one["built"] for one in results]
    held = [one["estimate"]["low"] <= one["built"] <= one["estimate"]["high"] for one in results]
    lines = [Line(**line) for one in results for line in one["lines"]]
    big = [line for line in lines if line.known and line.built > 1_000_000]
    off = [abs(line.estimated - line.built) / line.built for line in big] or [0.0]
    images = (
        f"- {len(results)} images: median error {statistics.median(errors) * 100:.1f} %, "
        f"{sum(error <= 0.05 for error in errors)} within 5 %, {sum(error <= 0.1 for error in errors)} within 10 %; "
        f"the stated interval holds {sum(held)} of {len(held)}."
    )
    layers = (
        f"- {len(big)} layers above 1 MB of which all parts are known: median error "
        f"{statistics.median(off) * 100:.1f} %; the interval holds {sum(line.held for line in big)} of {len(big)}."
    )
    table = [
        "| case | what | base | built | estimated | error | interval | holds |",
        "|---|---|---|---|---|---|---|---|",
        *(_row(one) for one in results),
    ]
    return [f"## {title}", "", images, layers, "", *table, ""]


def _row(one: dict[str, Any]) -> str:
    built, guess = one["built"], one["estimate"]
    error = (guess["bytes"] - built) / built * 100
    cells = (
        one["name"],
        one["about"],
        decimal(one["base"]),
        decimal(built),
        decimal(guess["bytes"]) + (" ?" if one["unknown"] else ""),
        f"{error:+.1f} %",
        f"{decimal(guess['low'])} - {decimal(guess['high'])}",
        "yes" if guess["low"] <= built <= guess["high"] else "no",
    )
    return f"| {' | '.join(cells)} |"


def _line_row(name: str, line: Line) -> str:
    text = line.text[:70].replace("|", "/")
    unknown = "" if line.known else " ?"
    interval = f"{decimal(line.low)} - {decimal(line.high)}"
    return f"| {name} | `{text}` | {decimal(line.built)} | {decimal(line.estimated)}{unknown} | {interval} |"


def main(names: list[str]) -> int:
    """Build the named cases, or all; returns the exit code."""
    root = Path(os.environ.get("SLIMSTAGE_REALBUILD", str(Path.home() / ".cache/slimstage-realbuild")))
    cache = root / bases.key()
    cache.mkdir(parents=True, exist_ok=True)
    kept = root / "sizes.json"
    try:
        docker = find(cache)
    except Unavailable as reason:
        sys.stderr.write(f"{reason}\n")
        return 2
    results: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    known = cases()
    try:
        for name in names or known:
            try:
                results[name] = measure(name, known[name], docker, cache / "work")
            except (AssertionError, Unavailable, OSError) as error:
                sys.stderr.write(f"{name}: {error}\n")
                continue
            one = results[name]
            guess = one["estimate"]
            sys.stdout.write(f"{name}: built {one['built']:,} estimated {guess['bytes']:,} "
                             f"({(guess['bytes'] / one['built'] - 1) * 100:+.1f} %) {one['unknown']}\n")  # fmt: skip
            sys.stdout.flush()
            kept.write_text(json.dumps(results), encoding="utf-8")
    finally:
        docker.stop()
    lost = rows_of(REPORT.read_text(encoding="utf-8")) - set(results) if REPORT.exists() else set()
    if lost:
        sys.stderr.write(f"{REPORT.name} stays as it is: no results here of {len(lost)} of its cases\n")
        return 0
    REPORT.write_text(report([results[name] for name in known if name in results]), encoding="utf-8")
    return 0


def rows_of(text: str) -> set[str]:
    """The cases that a written report has."""
    tables = text.partition("\n## Layers")[0]
    names = (line.split("|")[1].strip() for line in tables.splitlines() if line.startswith("| "))
    return {name for name in names if name not in ("case", "---")}


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
