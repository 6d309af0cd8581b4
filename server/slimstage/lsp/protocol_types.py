"""Imports lsprotocol's types at half their price; import this before anything that imports lsprotocol.

Making its 550 classes is most of the server's start-up, and nearly half of that writes comparisons and
representations which the server never asks of them: messages are converted, not compared.
"""

from __future__ import annotations

import functools
import gc
import sys

import attrs


def _import_types() -> None:
    """Import `lsprotocol.types` with plainer classes; does nothing when somebody imported it before."""
    if "lsprotocol.types" in sys.modules:
        return
    collecting, define = gc.isenabled(), attrs.define
    gc.disable()  # classes are no garbage; looking for some costs a fifth of the start-up
    attrs.define = functools.partial(define, eq=False, repr=False)
    try:
        import lsprotocol.types  # noqa: F401
    finally:
        attrs.define = define
        if collecting:
            gc.enable()


_import_types()
