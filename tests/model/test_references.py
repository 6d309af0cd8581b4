"""References: FROM, COPY/ADD --from=, RUN --mount=from=, ONBUILD."""

from __future__ import annotations

import pytest

from slimstage.model import Reference

from .build import model_of, text_at


def last(lines: str, before: str = "FROM a AS Build\nFROM b AS mid\nFROM c AS final\n") -> Reference:
    return model_of(before + lines + "\nFROM d AS later\n").references[3]


@pytest.mark.parametrize(
    ("line", "kind", "target", "index"),
    [
        ("COPY --from=Build /x /x", "copy", "stage", 0),
        ("COPY --from=BUILD /x /x", "copy", "stage", 0),
        ("ADD --from=mid /x /x", "copy", "stage", 1),
        ("COPY --from=0 /x /x", "copy", "stage", 0),
        ("COPY --from=01 /x /x", "copy", "stage", 1),
        ("COPY --from=2 /x /x", "copy", "self", 2),
        ("COPY --from=final /x /x", "copy", "self", 2),
        ("COPY --from=3 /x /x", "copy", "forward", 3),
        ("COPY --from=later /x /x", "copy", "forward", 3),
        ("COPY --from=4 /x /x", "copy", "index-out-of-range", None),
        ("COPY --from=99999999999999999999 /x /x", "copy", "index-out-of-range", None),
        ("COPY --from=nginx:1 /x /x", "copy", "image", None),
        ("COPY --from=ghcr.io/a/b /x /x", "copy", "image", None),
        ("COPY --from=docs /x /x", "copy", "unknown", None),
        ("COPY --from=$X /x /x", "copy", "unknown", None),
        ("RUN --mount=type=bind,from=build,target=/x ls", "mount", "stage", 0),
        ("RUN --mount=from=busybox:1,target=/x ls", "mount", "image", None),
        ("RUN --mount=type=bind,from=0,target=/x ls", "mount", "unknown", None),
        ("ONBUILD COPY --from=build /x /x", "copy", "stage", 0),
    ],
)
def test_targets(line: str, kind: str, target: str, index: int | None) -> None:
    found = last(line)
    assert (found.kind, found.target) == (kind, target)
    assert (found.target_stage.index if found.target_stage else None) == index
    assert found.onbuild == line.startswith("ONBUILD")


def test_from_names_a_stage_an_image_or_nobody_knows() -> None:
    model = model_of("FROM a AS x\nFROM x\nFROM $Y\n")
    assert [(r.kind, r.target) for r in model.references] == [("base", "image"), ("base", "stage"), ("base", "unknown")]


def test_places() -> None:
    text = "FROM a AS x\nFROM b\nRUN true\nCOPY --from=x /a /b\nRUN --mount=type=bind,from=x,target=/m ls\n"
    model = model_of(text)
    assert [text_at(model, r.place) for r in model.references] == ["a", "b", "x", "x"]
    assert [r.kind for r in model.references_to[0]] == ["copy", "mount"]


def test_copy_sees_the_last_stage_of_a_name() -> None:
    model = model_of("FROM a AS x\nFROM b AS x\nFROM c\nCOPY --from=x /a /a\n")
    assert model.references[-1].target_stage is model.stages[1]


def test_a_trigger_is_needed_by_the_stages_built_on_it() -> None:
    text = "FROM a AS x\nFROM b AS parent\nONBUILD COPY --from=x /a /a\n"
    assert model_of(text).needed_stages == {1}
    assert model_of(text + "FROM parent\n").needed_stages == {0, 1, 2}
    assert model_of(text + "FROM parent AS child\nFROM child\n", target="child").needed_stages == {0, 1, 2}
