"""What the server's start-up leaves out, and that nobody misses it."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import attrs
whole = attrs.define
import slimstage.lsp.server
from lsprotocol import converters, types
assert attrs.define is whole
lean = types.TextDocumentIdentifier
assert "__eq__" not in vars(lean) and "__repr__" not in vars(lean), "the classes were made in full"
assert types.Position(1, 2) == types.Position(1, 2)
sent = {"textDocument": {"uri": "file:///d"}, "position": {"line": 1, "character": 2}}
converter = converters.get_converter()
assert converter.unstructure(converter.structure(sent, types.HoverParams)) == sent
import sys
print(sorted({"http.client", "yaml", "packaging"} & set(sys.modules)))
"""


def test_the_server_imports_plain_protocol_classes_and_nothing_it_does_not_need() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.strip() == "[]"
