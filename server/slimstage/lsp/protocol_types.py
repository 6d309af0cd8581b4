"""Imports lsprotocol's types without making them; import this before anything that imports lsprotocol.

Making its 550 classes was most of the server's start-up, and a session uses some 150 of them. Here each class gets its
methods when it is first made or converted. Comparisons and representations, which cost half of that, are left out:
messages are converted, never compared.
"""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Callable
from typing import Any

import attrs

_define: Callable[..., Any] = attrs.define
_making = threading.RLock()


class _Unmade:
    """Stands for `__attrs_attrs__`, by which attrs and cattrs know a class: who looks at it has the class made."""

    def __init__(self, cls: type) -> None:
        self._cls = cls

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        with _making:
            if isinstance(vars(self._cls).get("__attrs_attrs__"), _Unmade):
                _make(self._cls)
        return getattr(self._cls, "__attrs_attrs__")  # noqa: B009 - its type is attrs' own business


def _make(cls: Any) -> None:
    del cls.__attrs_attrs__
    del cls.__init__
    _define(cls, slots=False, eq=False, repr=False)
    types = sys.modules["lsprotocol.types"]
    attrs.resolve_types(cls, types.ALL_TYPES_MAP, {})


def _made_first(self: Any, *arguments: Any, **named: Any) -> None:
    attrs.fields(type(self))
    type(self).__init__(self, *arguments, **named)


def _later(cls: Any = None, **arguments: Any) -> Any:
    """In the place of `attrs.define` while the types are imported."""
    if cls is None or arguments:
        return _define(cls, **arguments)
    cls.__attrs_attrs__ = _Unmade(cls)
    cls.__init__ = _made_first
    return cls


def _import_types() -> None:
    """Import `lsprotocol.types` with classes that are made later; does nothing when somebody imported it before."""
    if "lsprotocol.types" in sys.modules:
        return
    collecting = gc.isenabled()
    gc.disable()  # classes are no garbage
    attrs.define = _later  # type: ignore[assignment]
    try:
        import lsprotocol.types  # noqa: F401
    finally:
        attrs.define = _define
        if collecting:
            gc.enable()
    import lsprotocol._hooks as hooks

    # It would resolve the forward references of all classes, and so have all of them made; `_make` does it one by one.
    if hasattr(hooks, "_resolved_forward_references"):
        hooks._resolved_forward_references = True  # noqa: SLF001


_import_types()
