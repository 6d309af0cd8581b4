"""Two independent opinions on shell scripts: tree-sitter-bash and `bash -n`."""

from __future__ import annotations

import subprocess
from collections import Counter
from functools import cache

import tree_sitter
import tree_sitter_bash


@cache
def _parser() -> tree_sitter.Parser:
    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_bash.language()))


def tree_sitter_names(script: str) -> Counter[str] | None:
    """The command names tree-sitter-bash sees, as written; None when it cannot parse the script.

    `[` and `[[` are test commands there and no command names.
    """
    source = script.encode()
    root = _parser().parse(source).root_node
    if root.has_error:
        return None
    names: Counter[str] = Counter()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.type == "command":
            name = node.child_by_field_name("name")
            if name is not None:
                names[source[name.start_byte : name.end_byte].decode()] += 1
        elif node.type in ("declaration_command", "unset_command"):
            names[source[node.children[0].start_byte : node.children[0].end_byte].decode()] += 1
        waiting += node.children
    return names


def bash_accepts(script: str) -> bool:
    """Whether `bash -n` finds no fault."""
    done = subprocess.run(["bash", "-n"], input=script.encode(), capture_output=True, check=False)
    return done.returncode == 0
