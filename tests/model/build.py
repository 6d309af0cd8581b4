"""Short ways to a model in tests."""

from __future__ import annotations

from typing import Any, cast

from slimstage.model import Model
from slimstage.syntax import parse
from slimstage.syntax.nodes import Place


def model_of(text: str, **options: Any) -> Model:
    """The model of a Dockerfile; no test of this room needs the knowledge base."""
    return Model(parse(text), cast(Any, None), **options)


def text_at(model: Model, place: Place) -> str:
    """The text a place points to."""
    start, end = model.dockerfile.span_of(place)
    return model.dockerfile.source.text[start:end]
