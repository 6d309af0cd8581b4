"""What a rewrite saves, and what of it is not known."""

from __future__ import annotations

from slimstage.analysis import Analysis
from slimstage.features.conversion import conversion_item
from slimstage.model import Model
from slimstage.rewrites import Conversion, gain_of
from slimstage.syntax import parse
from slimstage.text import SourceText
from tests.rewrites.test_conversions import converted, knowledge, read

UNKNOWN = "registry.example.com/base:7"


def test_an_unknown_base_is_named_and_no_size_is_guessed() -> None:
    found = gain_of(Model(parse(f"FROM {UNKNOWN}\nRUN x\n"), knowledge()), "FROM python:3.11-slim\nRUN x\n")
    assert found.before is None and found.saving is None
    assert found.after is not None
    assert found.unknown == (UNKNOWN,)


def test_a_base_of_both_cancels_out() -> None:
    debian = "RUN apt-get update && apt-get install -y gcc && rm -rf /var/lib/apt/lists/*\n"
    known = gain_of(Model(parse("FROM python:3.11-slim-bookworm\n" + debian), knowledge()),
                    "FROM python:3.11-slim-bookworm\n")  # fmt: skip
    assert known.saving is not None and known.before is not None and known.after is not None
    # The base alone is known less exactly than the gain.
    assert known.saving.high - known.saving.low < (known.before - known.after).high - (known.before - known.after).low
    unknown = gain_of(Model(parse(f"FROM {UNKNOWN}\nRUN rm x\n"), knowledge()), f"FROM {UNKNOWN}\n")
    assert unknown.before is None and unknown.after is None
    assert unknown.saving is not None and unknown.saving.bytes == 0


def test_the_saving_of_a_conversion_is_that_of_its_sizes() -> None:
    for case in ("go-static-files", "python-full-base"):
        found = converted(case)
        assert found.before is not None and found.after is not None and found.saving is not None
        assert found.saving.bytes == found.before.bytes - found.after.bytes
        assert not found.unknown


def test_json_names_the_base_without_figures() -> None:
    text, context = read("python-seed")
    analysis = Analysis(SourceText(text), knowledge(), context)
    found = analysis.conversion
    assert isinstance(found, Conversion)
    assert conversion_item(analysis, "Dockerfile", "en")["unknown"] == []
    analysis.__dict__["conversion"] = found._replace(before=None, after=None, unknown=(UNKNOWN,))
    item = conversion_item(analysis, "Dockerfile", "en")
    assert (item["before"], item["after"], item["unknown"]) == (None, None, [UNKNOWN])
