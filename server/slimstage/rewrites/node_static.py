"""A static site built with Node and served by a Node file server: build there, ship on nginx.

Kept of the old server: the port, and the answer to a missing page (`serve -s` sends index.html, which single-page
applications rely on; measured 2026-11-24).
"""

from __future__ import annotations

import posixpath
from typing import NamedTuple

from slimstage.model import Model, Stage
from slimstage.rewrites.commands import sorted_commands
from slimstage.rewrites.conversion import Change, ConversionOptions, Refused
from slimstage.rewrites.layout import Layout, Unit
from slimstage.syntax.nodes import Form, Instruction, Place

PATTERN = "node-static-site"
FINAL = "nginx:alpine"
_PORTS = {"serve": "3000", "http-server": "8080"}
_VALUE_FLAGS = ("-l", "--listen", "-p", "--port")
_BUILDERS = ("npm", "yarn", "pnpm", "bun", "npx")


class Server(NamedTuple):
    """How the site was served: the folder, the port, and whether a missing page answers with index.html."""

    folder: str
    port: str
    single_page: bool


def applies(model: Model, stage: Stage) -> bool:
    """Whether a Node image starts a file server."""
    image = stage.base_image
    return image is not None and image.repository == "node" and _server(stage) is not None


def _server(stage: Stage) -> Server | None:
    found = stage.last("CMD")
    if found is None or stage.last("ENTRYPOINT") is not None:
        return None
    words = _words(found)
    if words[:1] == ["npx"]:
        words = [word for word in words[1:] if word not in ("-y", "--yes")]
    if words and "@" in words[0]:
        words[0] = words[0].partition("@")[0]
    if not words or words[0] not in _PORTS:
        return None
    folder, port, single, at = ".", _PORTS[words[0]], False, 1
    while at < len(words):
        word = words[at]
        if word in _VALUE_FLAGS and at + 1 < len(words):
            port, at = words[at + 1].rsplit(":", 1)[-1], at + 1
        elif word in ("-s", "--single"):
            single = words[0] == "serve"
        elif word.startswith("-"):
            return None  # caching, proxies, TLS: nothing nginx would do alike by itself
        else:
            folder = word
        at += 1
    workdir = stage.state_before(found).workdir
    if not port.isdecimal() or (workdir is None and not folder.startswith("/")) or "$" in folder:
        return None
    return Server(posixpath.normpath(posixpath.join(workdir or "/", folder)), port, single)


def _words(instruction: Instruction) -> list[str]:
    if instruction.form is Form.JSON:
        return [word.value or "" for word in instruction.arguments]
    return instruction.body.text.split()


class Plan:
    """One conversion in the making."""

    new_command = False

    def __init__(self, model: Model, stage: Stage, options: ConversionOptions) -> None:
        self.model, self.stage = model, stage
        self.layout = Layout(model, stage, options)
        self.known = True

    def changes(self) -> tuple[Change, ...]:
        """All edits; raises `Refused`."""
        stage, layout = self.stage, self.layout
        server = _server(stage)
        if server is None or stage.base_stage is not None:
            raise Refused("no-pattern", stage.place())
        whole = stage.final_state.workdir is None or server.folder in ("/", stage.final_state.workdir)
        if whole or not any(self._builds(unit) for unit in layout.units):
            raise Refused("nothing-is-built", stage.place())
        for unit in layout.units:
            self._decide(unit)
        if any(unit.fate == "both" for unit in layout.units[layout.cut + 1 :]):
            raise Refused("no-pattern", stage.place())
        layout.final_image = FINAL
        missing = "/index.html" if server.single_page else "=404"
        config = (
            f"server {{\\n    listen {server.port};\\n    root /usr/share/nginx/html;\\n    location / {{\\n"
            f"        try_files $uri $uri.html $uri/ {missing};\\n    }}\\n}}\\n"
        )
        layout.products = [
            f"RUN printf '{config}' > /etc/nginx/conf.d/default.conf",
            f"COPY --from={layout.builder} {server.folder} /usr/share/nginx/html",
        ]
        layout.step("serve", port=server.port, missing=missing)
        layout.step("copy-products", path="/usr/share/nginx/html")
        return layout.changes(layout.step("nginx-stage", image=FINAL))

    def _decide(self, unit: Unit) -> None:
        item = unit.instruction
        keyword = item.keyword
        if keyword in ("USER", "VOLUME", "HEALTHCHECK", "ONBUILD", "SHELL", "STOPSIGNAL"):
            raise Refused("not-for-nginx", Place(item, item.keyword_span), keyword=keyword)
        if keyword in ("EXPOSE", "LABEL", "MAINTAINER"):
            unit.fate = "final"
        elif keyword == "CMD":
            unit.fate = "final"
            unit.final_text = 'CMD ["nginx", "-g", "daemon off;"]'
        elif keyword == "RUN" and self._only_installs_the_server(item):
            unit.fate = "drop"
            unit.step = self.layout.step("dropped-server")
        else:
            unit.fate = "builder"

    def _builds(self, unit: Unit) -> bool:
        for run in self.stage.runs:
            if run.instruction is unit.instruction:
                for command in sorted_commands(run):
                    words = [word.value for word in command.item.command.words]
                    if command.item.command.name in _BUILDERS and any(w and "build" in w for w in words[1:]):
                        return True
        return False

    def _only_installs_the_server(self, item: Instruction) -> bool:
        run = next(run for run in self.stage.runs if run.instruction is item)
        names = [word.name for operation, _ in run.operations for word in operation.packages]
        commands = sorted_commands(run)
        return bool(names) and all(name in _PORTS for name in names) and all(c.operations for c in commands)
