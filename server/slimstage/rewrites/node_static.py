"""A static site built with Node and served by a Node file server: build there, ship on nginx.

Kept of the old server: the port, and the answer to a missing page. `serve -s` and `vite preview` send index.html, which
single-page applications rely on; `serve`, `http-server` and `astro preview` send 404.html where the site has one
(measured 2026-11-24 and 2026-11-27: serve 14, http-server 14, Vite 5, Astro 4).
"""

from __future__ import annotations

import posixpath
import re
from typing import NamedTuple

from slimstage.context import BuildContext
from slimstage.context.ignore import visible_context
from slimstage.context.manifests import PackageJson
from slimstage.context.node_project import read_node_project
from slimstage.model import Model, Stage
from slimstage.model.python import context_path
from slimstage.rewrites.commands import sorted_commands
from slimstage.rewrites.conversion import Change, ConversionOptions, Refused
from slimstage.rewrites.layout import Layout, Unit
from slimstage.rewrites.node_program import MANAGERS, NodeProgram
from slimstage.rewrites.wishes import family
from slimstage.syntax.nodes import Form, Instruction, Place
from slimstage.text import Span, lazy_pattern

PATTERN = "node-static-site"
FINAL, FINAL_DEBIAN = "nginx:alpine", "nginx:stable"
_PORTS = {"serve": "3000", "http-server": "8080"}
_VALUE_FLAGS = ("-l", "--listen", "-p", "--port")
_BUILDERS = (*MANAGERS, "npx", "vite", "astro")
_HARMLESS = ("WORKDIR", "ENV", "EXPOSE", "LABEL", "MAINTAINER", "CMD")
_ANYWHERE = ("mkdir", "rmdir", "cp", "mv", "rm", "ln", "touch", "chmod")
_NGINX = 'CMD ["nginx", "-g", "daemon off;"]'
_ANY_HOST = lazy_pattern(r"(0\.0\.0\.0|::|true)?")


class Preview(NamedTuple):
    """The server that a site generator has for looking at what it built.

    `since` is the first major version that answers as measured; `unlike` matches settings under which it answers
    otherwise, or writes elsewhere.
    """

    port: str
    single_page: bool
    since: int
    unlike: re.Pattern[str]


_PREVIEWS = {
    "vite": Preview(
        "4173",
        True,
        5,
        lazy_pattern(r"\b(base|preview|appType|proxy|outDir|root|configurePreviewServer|ssr|headers)\b\s*[:(]"),
    ),
    "astro": Preview(
        "4321",
        False,
        3,
        lazy_pattern(r"\b(base|trailingSlash|outDir|output|adapter|port|vite|i18n|headers)\b\s*:"),
    ),
}
# Their plugins put a server of their own into `vite preview`.
_FRAMEWORKS = (
    "@sveltejs/kit", "@remix-run/dev", "@react-router/dev", "vike", "vite-plugin-ssr", "@builder.io/qwik-city",
    "@solidjs/start", "@tanstack/react-start", "@analogjs/platform", "@cloudflare/vite-plugin",
)  # fmt: skip


class Server(NamedTuple):
    """How the site was served: the folder, the port, and whether a missing page answers with index.html."""

    folder: str
    port: str
    single_page: bool


def applies(model: Model, stage: Stage) -> bool:
    """Whether a Node image starts a file server."""
    image = stage.base_image
    return image is not None and image.repository == "node" and _server(stage, model) is not None


def _server(stage: Stage, model: Model) -> Server | None:
    found = stage.last("CMD")
    if found is None or stage.last("ENTRYPOINT") is not None:
        return None
    words = _words(found)
    workdir = stage.state_before(found).workdir
    context = visible_context(model.context)
    place = context_path(stage, model, found, "package.json")
    folder = posixpath.dirname(place) if place is not None else ""
    project = read_node_project(context, folder) if context is not None else None
    manifest = None
    if project is not None and context is not None:
        manifest = project.root.manifest
        if words[:1] and words[0] in MANAGERS:
            program = NodeProgram(context, project, model.knowledge.conversions["node"], words, folder=folder)
            words = _of_script(program, words) or words
    if words[:1] in (["npx"], ["pnpx"], ["bunx"]):
        words = [word for word in words[1:] if word not in ("-y", "--yes")]
    if words and "@" in words[0][1:]:
        words[0] = words[0].rpartition("@")[0]
    if words and words[0] in _PORTS:
        return _file_server(words, workdir, context)
    if words[1:2] == ["preview"] and words[0] in _PREVIEWS and context is not None and manifest is not None:
        return _preview(words, workdir, context, folder, manifest)
    return None


def _words(instruction: Instruction) -> list[str]:
    if instruction.form is Form.JSON:
        return [word.value or "" for word in instruction.arguments]
    return instruction.body.text.split()


def _of_script(program: NodeProgram, words: list[str]) -> list[str] | None:
    """The words of the script that a package manager runs, with those given on; None when it is not one command."""
    call = program.call(words, program.home)
    if call.packages != (program.project.root,):
        return None
    scripts = program.project.root.manifest.scripts
    text = scripts.get(call.script, "")
    if not re.fullmatch(r"[\w@./:=, -]+", text) or f"pre{call.script}" in scripts or f"post{call.script}" in scripts:
        return None
    given = words[words.index("--") + 1 :] if "--" in words else []
    if not given and words[0] != "npm":
        given = words[words.index(call.script) + 1 :]
    return [*text.split(), *given]


def _file_server(words: list[str], workdir: str | None, context: BuildContext | None) -> Server | None:
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
    if not port.isdecimal() or (workdir is None and not folder.startswith("/")) or "$" in folder:
        return None
    if context is not None and any(context.exists(posixpath.join(f, "serve.json")) for f in ("", "public", "static")):
        return None  # rewrites, headers and redirects of `serve`
    return Server(posixpath.normpath(posixpath.join(workdir or "/", folder)), port, single)


def _preview(
    words: list[str], workdir: str | None, context: BuildContext, folder: str, manifest: PackageJson
) -> Server | None:
    """What a generator's own server shows, when nothing in its settings makes it answer otherwise."""
    known = _PREVIEWS[words[0]]
    asked = {**manifest.dev_dependencies, **manifest.dependencies}
    version = re.search(r"\d+", asked.get(words[0], ""))
    if version is None or int(version[0]) < known.since or any(name in asked for name in _FRAMEWORKS):
        return None
    settings = [name for name in context.list(folder) if re.fullmatch(rf"{words[0]}\.config\.[cm]?[jt]s", name)]
    text = "\n".join(context.read_text(posixpath.join(folder, name)) or "" for name in settings)
    if known.unlike.search(text) or workdir is None:
        return None
    port, public, at = known.port, re.search(r"\bhost\s*:\s*(true|[\"'](0\.0\.0\.0|::))", text) is not None, 2
    while at < len(words):
        name, separator, value = words[at].partition("=")
        if not separator and at + 1 < len(words) and not words[at + 1].startswith("-"):
            value = words[at + 1]
        if name == "--host":
            public = _ANY_HOST.fullmatch(value) is not None
        elif name == "--port":
            port = value
        elif name != "--strictPort" or value:
            return None
        at += 1 if separator or not value else 2
    # Without a host it listens to the container alone.
    if not public or not port.isdecimal():
        return None
    return Server(posixpath.join(workdir, "dist"), port, known.single_page)


class Plan:
    """One conversion in the making."""

    new_command = ""

    def __init__(self, model: Model, stage: Stage, options: ConversionOptions) -> None:
        self.model, self.stage = model, stage
        self.layout = Layout(model, stage, options)
        self.known = True

    def changes(self) -> tuple[Change, ...]:
        """All edits; raises `Refused`."""
        stage, layout = self.stage, self.layout
        server = _server(stage, self.model)
        if server is None or stage.base_stage is not None:
            raise Refused("no-pattern", stage.place())
        keep = layout.options.base == "keep" and family(self.model, stage.image_text) == "debian"
        final = FINAL_DEBIAN if keep else FINAL
        if self._is_brought(server):
            return self._on_nginx(server, final)
        whole = stage.final_state.workdir is None or server.folder in ("/", stage.final_state.workdir)
        if whole or not any(self._builds(unit) for unit in layout.units):
            raise Refused("nothing-is-built", stage.place())
        for unit in layout.units:
            self._decide(unit)
        if any(unit.fate == "both" for unit in layout.units[layout.cut + 1 :]):
            raise Refused("no-pattern", stage.place())
        layout.final_image = final
        layout.products = [
            self._configured(server, "/usr/share/nginx/html"),
            f"COPY --from={layout.builder} {server.folder} /usr/share/nginx/html",
        ]
        layout.step("copy-products", path="/usr/share/nginx/html")
        return layout.changes(layout.step("nginx-stage", image=final))

    def _configured(self, server: Server, root: str) -> str:
        """The RUN that lets nginx answer as the old server did."""
        missing = "/index.html" if server.single_page else "=404"
        page = "" if server.single_page else "    error_page 404 /404.html;\\n"
        config = (
            f"server {{\\n    listen {server.port};\\n    root {root};\\n{page}    location / {{\\n"
            f"        try_files $uri $uri.html $uri/ {missing};\\n    }}\\n}}\\n"
        )
        self.layout.step("serve", port=server.port, missing=missing)
        return f"RUN printf '{config}' > /etc/nginx/conf.d/default.conf"

    def _is_brought(self, server: Server) -> bool:
        """Whether the stage only takes the site from other stages and starts the server."""
        stage, brought = self.stage, False
        if stage.image_word is None or "'" in server.folder or not re.fullmatch(r"[\w./-]+", server.folder):
            return False
        for item in stage.instructions:
            if item.keyword == "COPY" and item.flag("from") is not None:
                target = stage.expand(item.arguments[-1], item) if item.arguments else None
                if target is None:
                    return False
                path = posixpath.normpath(posixpath.join(stage.state_before(item).workdir or "/", target))
                brought = brought or path == server.folder or server.folder.startswith(path + "/")
            elif not (self._is_harmless(item) if item.keyword == "RUN" else item.keyword in _HARMLESS):
                return False
        return brought

    def _on_nginx(self, server: Server, image: str) -> tuple[Change, ...]:
        """The same stage on nginx: what it copied stays where it was."""
        layout, word = self.layout, self.stage.image_word
        assert word is not None
        layout.steps.clear()
        configured = self._configured(server, server.folder)
        found = [Change(Place(self.stage.instruction, word.span), image, layout.step("nginx-stage", image=image))]
        for item in self.stage.instructions:
            whole = Place(item, Span(0, len(item.text)))
            if item.keyword == "RUN" and self._only_installs_the_server(item):
                found.append(
                    Change(whole, layout.line(configured) if configured else "", layout.step("dropped-server"))
                )
                configured = ""
            elif item.keyword == "CMD":
                text = (layout.line(configured) if configured else "") + layout.line(_NGINX)
                end = "" if item.text.endswith(("\n", "\r")) else layout.newline
                found.append(Change(whole, text.removesuffix(end) if end else text, 0))
                configured = ""
        return tuple(found)

    def _decide(self, unit: Unit) -> None:
        item = unit.instruction
        keyword = item.keyword
        if keyword in ("USER", "VOLUME", "HEALTHCHECK", "ONBUILD", "SHELL", "STOPSIGNAL"):
            raise Refused("not-for-nginx", Place(item, item.keyword_span), keyword=keyword)
        if keyword in ("EXPOSE", "LABEL", "MAINTAINER"):
            unit.fate = "final"
        elif keyword == "CMD":
            unit.fate = "final"
            unit.final_text = _NGINX
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
                    if command.item.command.name in _BUILDERS and any(
                        w and re.search(r"build|generate|export", w) for w in words[1:]
                    ):
                        return True
        return False

    def _is_harmless(self, item: Instruction) -> bool:
        """Whether a RUN installs the server, or does what any image can."""
        run = next(run for run in self.stage.runs if run.instruction is item)
        commands = sorted_commands(run)
        plain = all(c.kind in ("neutral", "clean") or c.item.command.name in _ANYWHERE for c in commands)
        return self._only_installs_the_server(item) or (plain and not run.opaque)

    def _only_installs_the_server(self, item: Instruction) -> bool:
        run = next(run for run in self.stage.runs if run.instruction is item)
        names = [word.name for operation, _ in run.operations for word in operation.packages]
        commands = sorted_commands(run)
        return bool(names) and all(name in _PORTS for name in names) and all(c.operations for c in commands)
