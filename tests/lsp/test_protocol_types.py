"""Types that are made late are the same types."""

from __future__ import annotations

import json
import subprocess
import sys

PRINT_FIELDS = """
import json, sys
if sys.argv[1] == "late":
    import slimstage.lsp.protocol_types
import attrs
from lsprotocol import converters, types
converter = converters.get_converter()
print(json.dumps({
    name: [
        [a.name, str(a.type), repr(a.default), a.kw_only, getattr(a.validator, "__name__", type(a.validator).__name__)]
        for a in attrs.fields(cls)
    ]
    for name, cls in types.ALL_TYPES_MAP.items()
    if isinstance(cls, type) and attrs.has(cls)
}))
"""

SERVE = """
import json, sys
from slimstage.lsp.server import make_server
from lsprotocol import types
protocol = make_server().protocol
capabilities = {"textDocument": {"hover": {"contentFormat": ["markdown"]}}}
params = {"processId": None, "rootUri": None, "capabilities": capabilities}
message = protocol.structure_message({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params})
assert list(message.params.capabilities.text_document.hover.content_format) == [types.MarkupKind.Markdown]
position = types.Position(line=1, character=2)
assert types.Position(1, 3) > position == types.Position(1, 2)
classes = [cls for cls in types.ALL_TYPES_MAP.values() if isinstance(cls, type)]
made = [cls for cls in classes if isinstance(vars(cls).get("__attrs_attrs__"), tuple)]
print(json.dumps([len(made), len(classes)]))
"""


def _run(code: str, *arguments: str) -> object:
    done = subprocess.run([sys.executable, "-c", code, *arguments], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def test_late_types_have_the_fields_of_the_library() -> None:
    late, made = _run(PRINT_FIELDS, "late"), _run(PRINT_FIELDS, "at once")
    assert isinstance(late, dict)
    assert len(late) > 500
    assert late == made


def test_starting_makes_only_the_types_it_needs() -> None:
    counts = _run(SERVE)
    assert isinstance(counts, list)
    made, known = counts
    assert 10 < made < known / 4
