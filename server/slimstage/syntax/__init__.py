"""Text -> tree: lossless and error-tolerant; `parse(text)`, `reparse(tree, span, new)`."""

from slimstage.syntax.incremental import parse, reparse, unread

__all__ = ["parse", "reparse", "unread"]
