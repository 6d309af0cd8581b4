"""Replaces a file's text in one step, so that nobody ever sees half of it."""

from __future__ import annotations

import contextlib
import os
import tempfile

from slimstage.cli.discovery import Unreadable


def replace_text(path: str, text: str) -> None:
    """Write `text` as UTF-8, as it is, and keep the file's mode. Raises `Unreadable`.

    A symbolic link stays one: the file that it names is replaced.
    """
    target = os.path.realpath(path)
    temporary = ""
    try:
        mode = os.stat(target).st_mode
        if not os.access(target, os.W_OK):
            raise Unreadable("cli.file.read_only")
        handle, temporary = tempfile.mkstemp(prefix=".slimstage-", dir=os.path.dirname(target))
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8"))
        os.chmod(temporary, mode & 0o7777)
        os.replace(temporary, target)
    except OSError as error:
        if temporary:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
        raise Unreadable("cli.file.unwritable", reason=error.strerror or "") from None
