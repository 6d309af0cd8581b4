"""One thing to complete, in plain data."""

from __future__ import annotations

from typing import Literal, NamedTuple

CandidateKind = Literal[
    "stage",
    "index",
    "image",
    "tag",
    "flag",
    "option",
    "value",
    "instruction",
    "keyword",
    "snippet",
    "variable",
    "directive",
    "file",
    "folder",
]


class Candidate(NamedTuple):
    """`label` is shown, `new` ("": the label) is inserted, `filter` ("": `new`) is compared with what is typed.

    `topic` names the page that `completion.document` shows beside it; `snippet` says that `new` is in LSP's
    snippet syntax.
    """

    label: str
    kind: CandidateKind
    new: str = ""
    detail: str = ""
    filter: str = ""
    topic: str = ""
    snippet: bool = False

    @property
    def text(self) -> str:
        """What is inserted."""
        return self.new or self.label

    @property
    def compared(self) -> str:
        """What a client compares with the replaced text."""
        return self.filter or (self.label if self.snippet else self.text)
