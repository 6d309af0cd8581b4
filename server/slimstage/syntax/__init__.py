"""Text -> tree: lossless and error-tolerant; `parse(text)`, `reparse(tree, span, new)`."""

from slimstage.syntax.incremental import parse, reparse

__all__ = ["parse", "reparse"]
