"""The language server: takes a request, asks a feature, converts the answer."""

from __future__ import annotations

import gc

_collecting = gc.isenabled()
gc.disable()  # importing makes no garbage; looking for some costs a fifth of the start-up

import logging  # noqa: E402
import os  # noqa: E402
import sys  # noqa: E402
from collections.abc import Callable, Mapping  # noqa: E402
from functools import wraps  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any, TypeVar  # noqa: E402

from lsprotocol import types  # noqa: E402
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams  # noqa: E402
from pygls.lsp.server import LanguageServer  # noqa: E402
from pygls.protocol import LanguageServerProtocol, lsp_method  # noqa: E402

from slimstage import __version__  # noqa: E402
from slimstage.features.hover import hover  # noqa: E402
from slimstage.knowledge import KnowledgeBase, load  # noqa: E402
from slimstage.knowledge.store import KnowledgeError  # noqa: E402
from slimstage.lsp import code_actions, convert, extras, requests, settings  # noqa: E402
from slimstage.lsp.completion import CompletionClient  # noqa: E402
from slimstage.lsp.diagnostics import Diagnostics  # noqa: E402
from slimstage.lsp.documents import Change, Document, Documents, path_of  # noqa: E402
from slimstage.lsp.online import Online  # noqa: E402
from slimstage.lsp.structure import Structure, register  # noqa: E402

gc.freeze()
if _collecting:
    gc.enable()

LOG = logging.getLogger("slimstage")
# What the analysis reads beside the Dockerfile.
WATCHED = tuple(
    f"**/{name}"
    for name in (
        "*.dockerignore *requirements*.txt pyproject.toml Pipfile package.json package-lock.json pnpm-lock.yaml *.lock "
        "pnpm-workspace.yaml .yarnrc.yml Cargo.toml go.mod pom.xml *.gradle *.gradle.kts CMakeLists.txt"
    ).split()
)
Answer = TypeVar("Answer")
Params = TypeVar("Params")


class Protocol(LanguageServerProtocol):
    """pygls keeps texts of its own; ours are in `Documents`, so its copies are left out."""

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> Any:
        """Hand the change on."""
        yield self.fm.features[types.TEXT_DOCUMENT_DID_CHANGE], (params,), None

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> Any:
        """Hand the new document on."""
        yield self.fm.features[types.TEXT_DOCUMENT_DID_OPEN], (params,), None

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> Any:
        """Hand the closing on."""
        yield self.fm.features[types.TEXT_DOCUMENT_DID_CLOSE], (params,), None

    def structure_message(self, data: dict[str, Any]) -> Any:
        """A request that cannot be read gets its error as the answer, so that no client waits for it forever."""
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            LOG.warning("a message of the client cannot be read: %.80s", data.get("method"))
            if "method" in data and isinstance(data.get("id"), (int, str)):
                self._send_response(data["id"], error=error.to_response_error())
            raise

    def _serialize_message(self, data: Any) -> Any:
        """Answers that are JSON already (long lists) go out as they are."""
        result = getattr(data, "result", None)
        if isinstance(result, dict):
            return {"jsonrpc": data.jsonrpc, "id": data.id, "result": result}
        return super()._serialize_message(data)

    def publish(self, params: dict[str, Any]) -> None:
        """Send diagnostics that are JSON already."""
        self._send_data({"jsonrpc": "2.0", "method": types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, "params": params})


def _is_failure(record: logging.LogRecord) -> bool:
    """Neither a refusal, which is an answer, nor an editor's cancelling of what was answered meanwhile, nor a message
    that cannot be read, of which `Protocol` tells.
    """
    told = record.exc_info and isinstance(record.exc_info[1], (requests.Refused, JsonRpcInvalidParams))
    return not told and not str(record.msg).startswith(("Cancel notification for unknown", "Unable to deserialize"))


class Server(LanguageServer):
    """What one client has open, said and chosen."""

    protocol: Protocol

    def __init__(self, knowledge: KnowledgeBase) -> None:
        super().__init__(
            "slimstage",
            __version__,
            text_document_sync_kind=types.TextDocumentSyncKind.Incremental,
            protocol_cls=Protocol,
        )
        self.documents = Documents(knowledge)
        self.online = Online(self)
        self.documents.online = self.online.over
        self.locale = "en"
        self.pulls = False
        self.shows_markdown = True
        self.versioned_edits = False
        self.creates_files = False
        self.annotates_edits = False
        self.asks_for_settings = False
        self.knows_folders = False
        self.completion_client = CompletionClient()
        self.resolves_edits = False
        self.refreshes_diagnostics = False
        self.refreshes_lenses = False
        self.refreshes_hints = False
        self.registers: tuple[str, ...] = ()
        self._diagnostics: dict[str, Diagnostics] = {}
        self._own_knowledge: tuple[str, ...] = ()

    @property
    def lang(self) -> str:
        """The language to answer in: the setting, else the client's locale."""
        return self.documents.settings.core.lang or ("ko" if self.locale.lower().startswith("ko") else "en")

    def use_settings(self, data: object, folders: Mapping[str, object] | None = None) -> None:
        """Take a client's settings over; complain once about each that cannot be used.

        `folders` has those of the workspace's folders, by URI, where they differ: `lang`, `knowledge` and `online` hold
        for the whole session and are taken from `data`.
        """
        trusted = self.documents.settings.read_context  # stays as it is until the client says otherwise
        self.documents.settings, complaints = settings.read(data, read_context=trusted)
        trusted = self.documents.settings.read_context
        self.documents.folder_settings = {}
        for uri, chosen in (folders or {}).items():
            self.documents.folder_settings[uri], more = settings.read(chosen, read_context=trusted)
            complaints += [complaint for complaint in more if complaint not in complaints]
        for complaint in complaints:
            LOG.warning("%s", complaint)
        self._use_knowledge(self.documents.settings)

    def _use_knowledge(self, chosen: settings.EditorSettings) -> None:
        """Put users' own files on top of the shipped knowledge, relative ones from the first folder of the workspace.

        A fault is told once in the log, and the shipped knowledge serves. Of a workspace that is not trusted nothing is
        read.
        """
        names = [name for name in chosen.core.knowledge if chosen.read_context or os.path.isabs(name)]
        workspace = self.protocol.workspace
        folder = path_of(next(iter(workspace.folders), None) or workspace.root_uri or "") or ""
        paths = tuple(os.path.join(folder, name) for name in names)
        if paths == self._own_knowledge:
            return
        self._own_knowledge = paths
        try:
            self.documents.knowledge = load([Path(path) for path in paths])
        except KnowledgeError as error:
            self.documents.knowledge = load()
            LOG.warning("%s", self.documents.knowledge.fault_text(error, self.lang))

    def diagnostics(self, document: Document) -> list[dict[str, Any]]:
        """The findings of a document as it is now, as JSON; none when the user switched them off."""
        if not self.documents.settings_of(document.uri).diagnostics:
            return []
        kept = self._diagnostics.setdefault(document.uri, Diagnostics())
        return kept.of(document.analysis, document.uri, self.lang, self.documents.encoding)

    def forget(self, uri: str | None = None) -> None:
        """Drop the diagnostics kept for one document or for all."""
        if uri is None:
            self._diagnostics.clear()
        else:
            self._diagnostics.pop(uri, None)

    def publish(self, document: Document) -> None:
        """Push the diagnostics of a document, unless the client pulls them."""
        if not self.pulls:
            found = self.diagnostics(document)
            self.protocol.publish({"uri": document.uri, "version": document.version, "diagnostics": found})

    def renew(self) -> None:
        """Analyse all documents again (settings or files changed), tell the client, and ask registries anew."""
        self.refresh()
        for document in self.documents:
            self.online.ask(document)

    def refresh(self) -> None:
        """Analyse all documents again and tell the client."""
        self.forget()
        for document in self.documents.refresh():
            self.publish(document)
        if self.pulls and self.refreshes_diagnostics:
            self.workspace_diagnostic_refresh(None)
        if self.refreshes_lenses:
            self.workspace_code_lens_refresh(None)
        if self.refreshes_hints:
            self.workspace_inlay_hint_refresh(None)


def _quietly(handler: Callable[[Server, Params], Answer | None]) -> Callable[[Server, Params], Answer | None]:
    """A feature that fails answers None and logs; it never takes the server down."""

    @wraps(handler)
    def guarded(server: Server, params: Params) -> Answer | None:
        try:
            return handler(server, params)
        except requests.Refused:
            raise  # an answer to the client, not a failure
        except Exception:
            LOG.exception("%s failed", handler.__name__)
            return None

    return guarded


@_quietly
def on_initialize(server: Server, params: types.InitializeParams) -> None:
    """Note what the client can do and wants."""
    capabilities = params.capabilities
    chosen = server.protocol.workspace.position_encoding
    server.documents.encoding = str(getattr(chosen, "value", chosen))  # type: ignore[assignment]
    server.locale = params.locale or "en"
    document = capabilities.text_document
    workspace = capabilities.workspace
    server.pulls = bool(document and document.diagnostic)
    formats = document.hover.content_format if document and document.hover else None
    server.shows_markdown = not formats or types.MarkupKind.Markdown in formats  # who names none gets Markdown
    server.versioned_edits = bool(workspace and workspace.workspace_edit and workspace.workspace_edit.document_changes)
    operations = workspace.workspace_edit.resource_operations if workspace and workspace.workspace_edit else None
    server.annotates_edits = server.versioned_edits and bool(
        workspace and workspace.workspace_edit and workspace.workspace_edit.change_annotation_support
    )
    server.creates_files = types.ResourceOperationKind.Create in (operations or ())
    server.asks_for_settings = bool(workspace and workspace.configuration)
    server.knows_folders = bool(workspace and workspace.workspace_folders)
    server.completion_client = CompletionClient.of(params)
    action = document.code_action if document else None
    server.resolves_edits = bool(action and action.resolve_support and "edit" in action.resolve_support.properties)
    server.refreshes_diagnostics = bool(workspace and workspace.diagnostics and workspace.diagnostics.refresh_support)
    server.refreshes_lenses = bool(workspace and workspace.code_lens and workspace.code_lens.refresh_support)
    server.refreshes_hints = bool(workspace and workspace.inlay_hint and workspace.inlay_hint.refresh_support)
    server.registers = _registrable(workspace)
    options = params.initialization_options
    if isinstance(options, dict):
        server.use_settings(options.get(settings.SECTION, options))


def _registrable(workspace: types.WorkspaceClientCapabilities | None) -> tuple[str, ...]:
    """The notifications that the client sends only when asked to."""
    files = workspace.did_change_watched_files if workspace else None
    configuration = workspace.did_change_configuration if workspace else None
    return (
        *([types.WORKSPACE_DID_CHANGE_WATCHED_FILES] if files and files.dynamic_registration else ()),
        *([types.WORKSPACE_DID_CHANGE_CONFIGURATION] if configuration and configuration.dynamic_registration else ()),
    )


async def on_initialized(server: Server, params: types.InitializedParams) -> None:
    """Ask the client for its settings, and to tell us of changed settings and files."""
    options: dict[str, Any] = {
        types.WORKSPACE_DID_CHANGE_WATCHED_FILES: types.DidChangeWatchedFilesRegistrationOptions(
            [types.FileSystemWatcher(pattern) for pattern in WATCHED]
        ),
        types.WORKSPACE_DID_CHANGE_CONFIGURATION: types.DidChangeConfigurationRegistrationOptions(settings.SECTION),
    }
    wanted = [types.Registration(method, method, options[method]) for method in server.registers]
    try:
        if wanted:
            await server.client_register_capability_async(types.RegistrationParams(wanted))
    except Exception:
        LOG.exception("the client refused a registration")
    await _ask_for_settings(server)


async def _ask_for_settings(server: Server) -> None:
    if not server.asks_for_settings:
        return
    folders = list(server.protocol.workspace.folders) if server.knows_folders else []
    items = [types.ConfigurationItem(scope, settings.SECTION) for scope in (None, *folders)]
    try:
        answer = await server.workspace_configuration_async(types.ConfigurationParams(items))
        if answer and answer[0]:
            scoped = zip(folders, answer[1:], strict=False)  # a client may answer for the first item only
            server.use_settings(answer[0], {uri: chosen for uri, chosen in scoped if chosen})
            server.renew()
    except Exception:
        LOG.exception("the client did not answer for its settings")


async def on_configuration(server: Server, params: types.DidChangeConfigurationParams) -> None:
    """Take new settings from the notification, or ask for them."""
    data = params.settings
    if isinstance(data, dict) and data:
        server.use_settings(data.get(settings.SECTION, data))
        server.renew()
    else:
        await _ask_for_settings(server)


async def on_folders(server: Server, params: types.DidChangeWorkspaceFoldersParams) -> None:
    """A folder that was added may have settings of its own."""
    await _ask_for_settings(server)


@_quietly
def on_open(server: Server, params: types.DidOpenTextDocumentParams) -> None:
    """Analyse and publish."""
    item = params.text_document
    document = server.documents.open(item.uri, item.version, item.text)
    server.publish(document)
    server.online.ask(document)


@_quietly
def on_change(server: Server, params: types.DidChangeTextDocumentParams) -> None:
    """Apply the edits and publish."""
    changes: list[Change] = []
    for change in params.content_changes:
        wanted = getattr(change, "range", None)
        changes.append(Change(wanted and wanted.start, wanted and wanted.end, change.text))
    document = server.documents.change(params.text_document.uri, params.text_document.version, changes)
    if document is not None:
        server.publish(document)


@_quietly
def on_close(server: Server, params: types.DidCloseTextDocumentParams) -> None:
    """Forget the document and take its diagnostics away."""
    server.documents.close(params.text_document.uri)
    server.online.forget(params.text_document.uri)
    server.forget(params.text_document.uri)
    if not server.pulls:
        server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(params.text_document.uri, []))


@_quietly
def on_save(server: Server, params: types.DidSaveTextDocumentParams) -> None:
    """Files beside the Dockerfile may have changed, too."""
    for document in server.documents.refresh(params.text_document.uri):
        server.publish(document)
        server.online.ask(document)
    if server.pulls and server.refreshes_diagnostics:
        server.workspace_diagnostic_refresh(None)  # a client that pulls asks after changes only


@_quietly
def on_files(server: Server, params: types.DidChangeWatchedFilesParams) -> None:
    """Manifests or ignore files changed."""
    server.renew()


def on_diagnostic(server: Server, params: types.DocumentDiagnosticParams) -> dict[str, Any]:
    """Pull diagnostics."""
    document = server.documents.get(params.text_document.uri)
    items: list[Any] = []
    if document is not None:
        try:
            items = server.diagnostics(document)
        except Exception:
            LOG.exception("diagnostics failed")
    return {"kind": "full", "items": items}


@_quietly
def on_hover(server: Server, params: types.HoverParams) -> types.Hover | None:
    """Hover."""
    at = requests.offset_of(server, params)
    if at is None or not server.documents.settings_of(at[0].uri).hover:
        return None
    document, offset = at
    found = hover(document.analysis, offset, server.lang)
    if found is None:
        return None
    content = convert.to_markup(found.text, shown=server.shows_markdown)
    return types.Hover(content, convert.to_range(document.analysis, found.span, server.documents.encoding))


def make_server() -> Server:
    """A server with all its features, not yet connected to anything."""
    server = Server(load())
    for name in ("pygls.protocol.json_rpc", "pygls.server"):
        logging.getLogger(name).addFilter(_is_failure)
    feature = server.feature
    feature(types.INITIALIZE)(on_initialize)
    feature(types.INITIALIZED)(on_initialized)
    feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)(on_configuration)
    feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)(on_files)
    feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)(on_folders)
    feature(types.TEXT_DOCUMENT_DID_OPEN)(on_open)
    feature(types.TEXT_DOCUMENT_DID_CHANGE)(on_change)
    feature(types.TEXT_DOCUMENT_DID_CLOSE)(on_close)
    feature(types.TEXT_DOCUMENT_DID_SAVE)(on_save)
    feature(
        types.TEXT_DOCUMENT_DIAGNOSTIC,
        types.DiagnosticOptions(inter_file_dependencies=False, workspace_diagnostics=False, identifier=convert.SOURCE),
    )(on_diagnostic)
    feature(types.TEXT_DOCUMENT_HOVER)(on_hover)
    register(feature, Structure(server.documents, lambda: server.lang))
    requests.register(server, _quietly)
    code_actions.register(server, _quietly)
    extras.register(server)
    return server


def _settled(server: Server) -> Server:
    """Collections need not look at what is loaded by now, and find too little to run every 700 objects."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    return server


def serve_stdio() -> None:
    """Serve one client on standard streams, until it says exit or closes them.

    The streams are copies, and what else writes to standard output lands in the log: one stray line would end the
    conversation.
    """
    incoming = os.fdopen(os.dup(sys.stdin.fileno()), "rb")
    outgoing = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    sys.stdout.flush()
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    _settled(make_server()).start_io(incoming, outgoing)


def _is_no_exit(record: logging.LogRecord) -> bool:
    return not (record.exc_info and isinstance(record.exc_info[1], SystemExit))


def serve_tcp(host: str, port: int) -> None:
    """Serve one client on a loopback port; for debugging. Raises OSError when the port cannot be had."""
    logging.getLogger("asyncio").addFilter(_is_no_exit)  # pygls leaves by SystemExit, which asyncio reports as a fault
    _settled(make_server()).start_tcp(host, port)
