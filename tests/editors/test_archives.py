"""The archives that a release carries: complete, the same from the same input, and what the READMEs speak of."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

from tests.editors.test_neovim import expanded

ROOT = Path(__file__).parents[2]
EDITORS = ROOT / "editors"


def test_each_holds_its_editors_files_in_one_folder(archives: Path) -> None:
    for archive in archives.glob("*.zip"):
        editor = archive.stem.removeprefix("slimstage-").replace("lsp4ij", "jetbrains/slimstage")
        with zipfile.ZipFile(archive) as opened:
            names = set(opened.namelist())
        assert {name.split("/")[0] for name in names} == {"slimstage"}
        assert not [name for name in names if "__pycache__" in name or "/." in name]
        own = [file.relative_to(EDITORS / editor) for file in (EDITORS / editor).rglob("*.*") if file.is_file()]
        assert own and {f"slimstage/{name.as_posix()}" for name in own} <= names


def test_the_same_input_makes_the_same_archives(archives: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, EDITORS / "build.py", "zip", tmp_path], check=True)
    names = sorted(file.name for file in archives.iterdir())
    assert names == sorted(file.name for file in tmp_path.iterdir())
    assert all((archives / name).read_bytes() == (tmp_path / name).read_bytes() for name in names)


def test_every_archive_a_readme_names_is_made(archives: Path) -> None:
    named = {
        name
        for readme in EDITORS.rglob("*.md")
        for name in re.findall(r"slimstage-\w+\.zip", readme.read_text("utf-8"))
    }
    assert named and named == {file.name for file in archives.iterdir()} - {"slimstage-sublime.zip"}


def test_snippet_plugins_of_neovim_find_the_snippets(archives: Path) -> None:
    with zipfile.ZipFile(archives / "slimstage-neovim.zip") as archive:
        manifest = json.loads(archive.read("slimstage/package.json"))
        (entry,) = manifest["contributes"]["snippets"]
        assert entry["language"] == "dockerfile"
        assert json.loads(archive.read(f"slimstage/{entry['path'].removeprefix('./')}"))


def test_the_helps_tags_are_those_of_its_text(archives: Path) -> None:
    with zipfile.ZipFile(archives / "slimstage-neovim.zip") as archive:
        text = archive.read("slimstage/doc/slimstage.txt").decode()
        tags = archive.read("slimstage/doc/tags").decode().splitlines()
    assert tags == sorted(tags)
    for line in tags:
        tag, file, search = line.split("\t")
        assert file == "slimstage.txt" and search == f"/*{tag}*" and f"*{tag}*" in text
    assert {line.split("\t")[0] for line in tags} >= {"slimstage", ":SlimstageConvert", ":SlimstageFixAll"}


def test_every_format_says_the_same(archives: Path) -> None:
    def content(archive: str, name: str) -> str:
        with zipfile.ZipFile(archives / archive) as opened:
            return opened.read(f"slimstage/{name}").decode()

    def shown(body: list[str]) -> str:
        """A choice shows its first entry in UltiSnips and Kate; Neovim opens a list and shows none."""
        return expanded([re.sub(r"\$\{(\d)\|([^,|]*)[^|]*\|\}", r"${\1:\2}", line) for line in body])

    visual = json.loads(content("slimstage-snippets.zip", "dockerfile.json"))
    meant = {snippet["prefix"]: shown(snippet["body"]) for snippet in visual.values()}
    text = content("slimstage-vim.zip", "UltiSnips/dockerfile.snippets")
    found = re.findall(r'^snippet (\S+) "[^\n]*"\n(.*?)\nendsnippet$', text, re.MULTILINE | re.DOTALL)
    ultisnips = {name: shown(body.split("\n")) for name, body in found}
    assert ultisnips == meant

    kate = {}
    for item in ET.fromstring(content("slimstage-kate.zip", "slimstage.xml")):
        body = item.findtext("fillin", "")
        values = {name: json.loads(value) for name, value in re.findall(r'\$\{(p\d)=("[^"]*")\}', body)}
        text = re.sub(r"\$\{(\w+)[^}]*\}", lambda place, values=values: values.get(place[1], ""), body)
        kate[item.findtext("match", "").replace("_", "-")] = text
    assert kate == {name: meant[name] for name in kate}
    assert meant.keys() - kate.keys() == {"arg-version-before-from"}  # Kate cannot write a place inside `${...}`
