"""Builds what the VS Code package carries: the manifest, and the server with its libraries as pure Python.

python editors/vscode/build.py manifest [--check]   package.json and package.nls*.json from the server's schema
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
NATIVE = ("*.so", "*.pyd", "*.dylib", "*.dll")
COMMANDS = {
    "restart": ("Restart Server", "서버 다시 시작"),
    "showOutput": ("Show Output", "출력 보기"),
    "slim": ("Slim This Dockerfile", "이 Dockerfile 가볍게 만들기"),
    "showSizes": ("Show or Hide Sizes", "크기 표시 전환"),
    "openSizeReport": ("Open Size Report", "크기 보고서 열기"),
    "explain": ("Explain…", "설명 보기…"),
}
TEXTS = {
    "displayName": ("slimstage for Dockerfiles", "Dockerfile을 위한 slimstage"),
    "description": (
        "Shows what every line of a Dockerfile weighs and slims it by stages",
        "Dockerfile의 줄마다 크기를 보여 주고 멀티 스테이지로 이미지를 줄입니다",
    ),
    "walkthrough.title": ("Slim your first image", "첫 이미지 줄이기"),
    "walkthrough.description": (
        "From a single-stage Dockerfile to a lean multi-stage build",
        "단일 스테이지 Dockerfile에서 가벼운 멀티 스테이지 빌드까지",
    ),
    "walkthrough.open.title": ("Open a Dockerfile", "Dockerfile 열기"),
    "walkthrough.open.description": (
        "Findings appear as you type; hover over anything to have it explained.",
        "입력하는 동안 문제가 표시됩니다. 궁금한 곳에 마우스를 올리면 설명이 나타납니다.",
    ),
    "walkthrough.sizes.title": ("See what each line weighs", "줄마다 크기 확인하기"),
    "walkthrough.sizes.description": (
        (
            "Sizes stand at the end of the lines, the image's size in the status bar.\n"
            "[Open the size report](command:slimstage.openSizeReport)"
        ),
        (
            "줄 끝에는 각 줄의 크기가, 상태 표시줄에는 이미지의 크기가 표시됩니다.\n"
            "[크기 보고서 열기](command:slimstage.openSizeReport)"
        ),
    ),
    "walkthrough.slim.title": ("Slim it", "가볍게 만들기"),
    "walkthrough.slim.description": (
        "The verified rewrite is shown as a diff before it is applied.\n[Slim this Dockerfile](command:slimstage.slim)",
        "검증된 변환을 적용하기 전에 차이를 먼저 보여 줍니다.\n[이 Dockerfile 가볍게 만들기](command:slimstage.slim)",
    ),
    "walkthrough.open.alt": (
        "A hover over a package in a Dockerfile: what it is for, what it weighs, what stands for it at run time",
        "Dockerfile의 패키지 설명: 용도, 크기, 런타임에 대신 쓰는 패키지",
    ),
    "walkthrough.sizes.alt": (
        "A Dockerfile with a size at the end of each line, and the image's size in the status bar",
        "각 줄 끝의 크기와 상태 표시줄의 이미지 크기가 보이는 Dockerfile",
    ),
    "walkthrough.slim.alt": (
        "The multi-stage build beside the Dockerfile as it is, before it is applied",
        "적용하기 전에 현재 Dockerfile과 나란히 보이는 멀티 스테이지 빌드",
    ),
    "task.arguments": (
        "Arguments of slimstage check, such as a path or --severity; none checks the whole folder.",
        "slimstage check의 인수(예: 경로, --severity). 없으면 폴더 전체를 검사합니다.",
    ),
    "untrusted": (
        "In an untrusted workspace slimstage reads the open Dockerfile only, not the files beside it.",
        "신뢰하지 않는 작업 영역에서는 열린 Dockerfile만 읽고 옆의 파일은 읽지 않습니다.",
    ),
}


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
    """The generated files by name."""
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
    for lang, name in (("en", "package.nls.json"), ("ko", "package.nls.ko.json")):
        at = 0 if lang == "en" else 1
        texts = {f"command.{key}": pair[at] for key, pair in COMMANDS.items()}
        texts |= {key: pair[at] for key, pair in TEXTS.items()}
        for key in properties:
            setting = key.removeprefix("slimstage.").split(".")[0]
            texts[f"settings.{setting}"] = knowledge.text(f"settings.{setting}", lang)
        files[name] = _json(texts)
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
    found = [str(path.relative_to(LIBS)) for pattern in NATIVE for path in LIBS.rglob(pattern)]
    if found:
        sys.stderr.write(f"native files in the bundle: {', '.join(found)}\n")
        return 1
    for left in [*LIBS.glob("*.dist-info/direct_url.json"), *LIBS.glob("bin")]:
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    return 0


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
