"""Writes what editors need in files of their own, from the server's schema and the knowledge base.

python editors/build.py write [--check]   JetBrains' settings and their schema, and the snippets
python editors/build.py zip FOLDER        one archive an editor there, each with one folder `slimstage`
"""

from __future__ import annotations

import json
import re
import sys
import zipfile
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

HERE = Path(__file__).resolve().parent
TEMPLATE = HERE / "jetbrains" / "slimstage"


def jetbrains() -> dict[Path, str]:
    """The settings as LSP4IJ shows them (dotted keys, expanded by `expandConfiguration`), and their schema."""
    from slimstage.knowledge import load
    from slimstage.lsp.settings import SECTION, schema

    knowledge = load()
    properties = {
        f"{SECTION}.{name}": {**spec, "description": knowledge.text(f"settings.{name}", "en")}
        for name, spec in schema().items()
    }
    described = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Settings of slimstage",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
    }
    defaults = {name: spec["default"] for name, spec in properties.items()}
    return {TEMPLATE / "settings.json": _json(defaults), TEMPLATE / "settings.schema.json": _json(described)}


def snippets() -> dict[Path, str]:
    """The server's snippets, for editors and plugins that do not take them from completion."""
    from slimstage.knowledge import load

    found = [(keyword, snippet) for keyword, doc in sorted(load().instructions.items()) for snippet in doc.snippets]
    visual = {
        f"{keyword}: {snippet.label}": {
            "prefix": _trigger(snippet.label),
            "body": snippet.body.splitlines(),
            "description": snippet.summary.to("en"),
        }
        for keyword, snippet in found
    }
    ultisnips = ["# Written by editors/build.py.\n"]
    for _, snippet in found:
        # `\\` is one backslash in LSP's syntax and in UltiSnips'.
        body = _mirrored(snippet.body)
        ultisnips.append(f'snippet {_trigger(snippet.label)} "{snippet.summary.to("en")}"\n{body}\nendsnippet\n')
    items = [
        f"<item><match>{_trigger(snippet.label).replace('-', '_')}</match><fillin>{escape(body)}</fillin></item>\n"
        for _, snippet in found
        if (body := _kate(snippet.body)) is not None
    ]
    head = '<snippets name="slimstage" filetypes="Dockerfile" authors="slimstage" license="Apache-2.0" namespace="">\n'
    return {
        HERE / "kate" / "slimstage.xml": head + "".join(items) + "</snippets>\n",
        HERE / "snippets" / "dockerfile.json": _json(visual),
        HERE / "vim" / "UltiSnips" / "dockerfile.snippets": "\n".join(ultisnips),
    }


def _mirrored(body: str) -> str:
    """The body with `$1` for each place after the first with that number: UltiSnips lets the last one win otherwise."""
    seen: set[str] = set()

    def place(found: re.Match[str]) -> str:
        number = found[1]
        if number not in seen:
            seen.add(number)
            return found[0]
        return f"${number}"

    return re.sub(r"\$\{(\d+):[^{}]*\}", place, body)


def _kate(body: str) -> str | None:
    """The body as a template of Kate's, whose defaults are JavaScript; None where it cannot be said.

    Kate knows `${name}` only, and a backslash before it; any other dollar sign and backslash is itself.
    """
    seen: set[str] = set()

    def place(found: re.Match[str]) -> str:
        number = found["number"] or found["bare"]
        if number == "0":
            return "${cursor}"
        if number in seen:
            return f"${{p{number}}}"
        seen.add(number)
        text = found["choices"].split(",")[0] if found["choices"] else found["text"] or ""
        return f"${{p{number}={json.dumps(text)}}}"

    if "\\${" in body:
        return None
    places = r"\$(?:(?P<bare>\d+)|\{(?P<number>\d+)(?:\|(?P<choices>[^|]*)\||:(?P<text>[^{}]*))?\})"
    return re.sub(rf"(?<!\\){places}", place, body).replace("\\\\", "\\").replace("\\$", "$").replace("\\}", "}")


def _trigger(label: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", label.lower()).strip("-")


def _json(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def write(check: bool) -> int:
    """Write the generated files, or say which are stale."""
    files = {**jetbrains(), **snippets()}
    stale = [path for path, text in files.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if check and stale:
        names = ", ".join(str(path.relative_to(HERE)) for path in stale)
        sys.stderr.write(f"stale: {names}; run python editors/build.py write\n")
        return 1
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files[path], encoding="utf-8")
    return 0


def contents() -> dict[str, dict[str, bytes]]:
    """What the archives hold, by the name of the archive: paths and bytes."""
    archives = {"slimstage-lsp4ij.zip": _files(TEMPLATE)}
    for name in ("emacs", "helix", "kate", "neovim", "snippets", "sublime", "vim", "zed"):
        archives[f"slimstage-{name}.zip"] = _files(HERE / name)
    neovim = archives["slimstage-neovim.zip"]
    # Neovim finds a plugin's help through its tags, and snippet plugins find `snippets/` beside `package.json`.
    neovim["doc/tags"] = help_tags((HERE / "neovim" / "doc" / "slimstage.txt").read_text(encoding="utf-8")).encode()
    neovim |= {f"snippets/{name}": data for name, data in archives["slimstage-snippets.zip"].items()}
    return archives


def help_tags(text: str, file: str = "slimstage.txt") -> str:
    """The tags file `:helptags` makes of a help file."""
    return "".join(f"{tag}\t{file}\t/*{tag}*\n" for tag in sorted(re.findall(r"(?:^|\s)\*([^*\s|]+)\*(?=\s|$)", text)))


def _files(folder: Path) -> dict[str, bytes]:
    files = sorted(file for file in folder.rglob("*") if file.is_file() and file.parent.name != "__pycache__")
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


def pack(target: Path) -> int:
    """The archives that a release carries; the same input makes the same files."""
    target.mkdir(parents=True, exist_ok=True)
    for name, files in contents().items():
        with zipfile.ZipFile(target / name, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, data in sorted(files.items()):
                entry = zipfile.ZipInfo(f"slimstage/{path}")  # with a fixed date
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, data)
    return 0


def main(arguments: list[str]) -> int:
    """Dispatch."""
    if arguments[:1] == ["write"]:
        return write(check="--check" in arguments)
    if arguments[:1] == ["zip"] and len(arguments) == 2:
        return pack(Path(arguments[1]))
    sys.stderr.write(__doc__ or "")
    return 2


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
