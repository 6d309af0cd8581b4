"""Builds what the VS Code package carries: the manifest, and the server with its libraries as pure Python.

python editors/vscode/build.py manifest [--check]   package.json and texts from the server's schema and knowledge/
python editors/vscode/build.py libs                 bundled/libs, without any native file
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
LIBS = HERE / "bundled" / "libs"
# What the server imports, without its own command line's optional extras. PyYAML only from source, and without
# its C extension: one package must serve every platform and Python version.
LIBRARIES = "dockerfile-parse pygls lsprotocol attrs cattrs typing-extensions packaging exceptiongroup tomli".split()
PURE_FROM_SOURCE = ["pyyaml"]
# The server keeps one of each for all folders of a workspace.
WHOLE_SESSION = ("lang", "knowledge", "online")
OWN = "vscode."  # the keys of the extension's own texts in knowledge/messages
NATIVE = ("*.so", "*.pyd", "*.dylib", "*.dll")
COMMANDS = ("restart", "showOutput", "slim", "showSizes", "openSizeReport", "explain")


def settings() -> dict[str, Any]:
    """The configuration properties: the server's own schema, and what only this client uses."""
    from slimstage.lsp.settings import schema

    client: dict[str, Any] = {
        "importStrategy": {
            "type": "string",
            "enum": ["useBundled", "fromEnvironment"],
            "default": "useBundled",
            "scope": "window",
        },
        "interpreter": {"type": "array", "items": {"type": "string"}, "default": [], "scope": "machine-overridable"},
        "budget": {"type": "string", "default": "", "scope": "resource"},
        "mcp": {"type": "boolean", "default": True, "scope": "window"},
    }
    shared = {
        key: {**value, "scope": "window" if key in WHOLE_SESSION else "resource"} for key, value in schema().items()
    }
    properties: dict[str, Any] = {}
    for name, spec in {**shared, **client}.items():
        properties[f"slimstage.{name}"] = {**spec, "markdownDescription": f"%settings.{name}%"}
    properties["slimstage.trace.server"] = {
        "type": "string",
        "enum": ["off", "messages", "verbose"],
        "default": "off",
        "scope": "window",
        "markdownDescription": "%settings.trace%",
    }
    return properties


def manifest() -> dict[str, str]:
    """The generated files by their path in the package."""
    from slimstage import __version__
    from slimstage.knowledge import load

    knowledge = load()
    source = json.loads((HERE / "package.template.json").read_text(encoding="utf-8"))
    properties = settings()
    source["version"] = __version__
    source["contributes"]["configuration"] = {"title": "slimstage", "properties": properties}
    source["contributes"]["commands"] = [
        {"command": f"slimstage.{name}", "title": f"%command.{name}%", "category": "slimstage"} for name in COMMANDS
    ]
    files = {"package.json": _json(source)}
    own = {key.removeprefix(OWN): text for key, text in knowledge.messages.items() if key.startswith(OWN)}
    for lang, name in (("en", "package.nls.json"), ("ko", "package.nls.ko.json")):
        texts = {
            key.removeprefix("manifest."): text.to(lang) for key, text in own.items() if not key.startswith("said.")
        }
        for key in properties:
            setting = key.removeprefix("slimstage.").split(".")[0]
            texts[f"settings.{setting}"] = knowledge.text(f"settings.{setting}", lang)
        files[name] = _json(texts)
    files["l10n/bundle.l10n.ko.json"] = _json(
        {text.to("en"): text.to("ko") for key, text in own.items() if key.startswith("said.")}
    )
    return files


def _json(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def write_manifest(check: bool) -> int:
    """Write the generated files, or say which are stale."""
    stale = []
    for name, text in manifest().items():
        path = HERE / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if not check:
                path.write_text(text, encoding="utf-8")
    if check and stale:
        sys.stderr.write(f"stale: {', '.join(stale)}; run python editors/vscode/build.py manifest\n")
        return 1
    return 0


def bundle_libraries() -> int:
    """Fill bundled/libs anew; fails when a native file slips in."""
    shutil.rmtree(LIBS, ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    target = ["install", "--no-deps", "--no-compile", "--upgrade", "--target", str(LIBS)]
    pins = _pins()
    wanted = [pins[name] for name in LIBRARIES if name in pins]
    universal = ["--only-binary=:all:", "--implementation", "py", "--python-version", "3.10"]
    subprocess.run([*pip, *target, *universal, *wanted], check=True)
    # Only these from source: `:all:` would compile what they are built with, too, which takes minutes.
    sources = f"--no-binary={','.join(PURE_FROM_SOURCE)}"
    subprocess.run([*pip, *target, sources, *[pins[name] for name in PURE_FROM_SOURCE]], check=True)
    wheels = HERE / "dist" / "wheel"
    shutil.rmtree(wheels, ignore_errors=True)
    local = ["--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*pip, "wheel", *local, "-w", str(wheels), str(ROOT)], check=True)
    subprocess.run([*pip, *target, "--no-index", *map(str, wheels.glob("*.whl"))], check=True)
    for native in [path for pattern in NATIVE for path in (LIBS / "yaml").glob(pattern)]:
        native.unlink()  # PyYAML works without its C extension; every other native file is a fault
    found = native_files(LIBS)
    if found:
        sys.stderr.write(f"native files in the bundle: {', '.join(found)}\n")
        return 1
    for left in [*LIBS.glob("*.dist-info/direct_url.json"), *LIBS.glob("bin")]:
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    return 0


def native_files(folder: Path) -> list[str]:
    """What would run on some platforms or Python versions only."""
    return sorted(str(path.relative_to(folder)) for pattern in NATIVE for path in folder.rglob(pattern))


def _pins() -> dict[str, str]:
    """`name==version` of the locked run-time requirements, by name."""
    pins: dict[str, str] = {}
    for line in (ROOT / "requirements" / "run.txt").read_text(encoding="utf-8").splitlines():
        name, equals, rest = line.partition("==")
        if equals and not line.startswith((" ", "#")):
            pins[name.strip().lower()] = f"{name.strip()}=={rest.split()[0].rstrip(';')}"
    return pins


def main(arguments: list[str]) -> int:
    """Dispatch."""
    if arguments[:1] == ["manifest"]:
        return write_manifest(check="--check" in arguments)
    if arguments == ["libs"]:
        return bundle_libraries()
    sys.stderr.write(__doc__ or "")
    return 2


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
