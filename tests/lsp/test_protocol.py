"""What the protocol leaves to client and server: pushing or pulling, settings, languages, lazy answers, failures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from slimstage.lsp import server as lsp_server
from tests.lsp.client import ROOT, Client, position

# The casing hint is what these tests look for; other rules may find more in the same text.
TEXT = "FROM alpine:3.24\nrun true\nRUN false\nRUN true\n"
START = {"line": 0, "character": 0}
EVERYTHING = {"start": START, "end": {"line": 99, "character": 0}}


@pytest.fixture
def client() -> Iterator[Client]:
    """A server that nobody has spoken to yet."""
    found = Client()
    yield found
    found.kill()


def casing(diagnostics: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for each in diagnostics if each["code"] == "instruction-casing"]


def test_pushes_to_clients_that_do_not_pull(client: Client) -> None:
    client.initialize()
    client.open(TEXT, version=4)
    assert casing(client.diagnostics(4))
    client.change(5, {"text": TEXT.replace("run", "RUN")})
    assert not casing(client.diagnostics(5))
    client.close()
    assert client.diagnostics() == []
    assert client.stop() == 0


def test_answers_pulls_and_does_not_push_then(client: Client) -> None:
    client.initialize({"textDocument": {"diagnostic": {}}})
    client.open(TEXT)
    report = client.about("textDocument/diagnostic")
    assert report["kind"] == "full"
    assert casing(report["items"])
    client.change(2, {"text": TEXT.replace("run", "RUN")})
    assert not casing(client.about("textDocument/diagnostic")["items"])
    client.uri = "untitled:never-opened"
    assert client.about("textDocument/diagnostic")["items"] == []
    assert not client.published
    assert client.stop() == 0


@pytest.mark.parametrize("language", ["dockerfile", "docker", "containerfile", "plaintext"])
def test_takes_whatever_the_client_calls_the_language(client: Client, language: str) -> None:
    client.initialize()
    client.open(TEXT, "untitled:Untitled-1", language=language)
    assert casing(client.diagnostics())


def test_speaks_utf16_to_clients_that_do_not_say(client: Client) -> None:
    assert client.initialize()["positionEncoding"] == "utf-16"
    text = "FROM alpine:3.20\nENV A=1\nRUN echo 😀 $A\n"
    client.open(text)
    found = client.at("textDocument/hover", position(text, text.index("$A") + 1, "utf-16"))
    assert found["range"]["start"] == {"line": 2, "character": 13}


def test_asks_for_settings_and_follows_them(client: Client) -> None:
    client.initialize(configuration={"lang": "ko", "severities": {"instruction-casing": "error"}})
    client.open(TEXT)
    while (found := casing(client.diagnostics())) and found[0]["severity"] != 1:
        pass  # the first may still be by the defaults
    assert any("가" <= character <= "힣" for character in found[0]["message"])
    client.configuration = {"severities": {"instruction-casing": "off"}}
    client.notify("workspace/didChangeConfiguration", {"settings": None})
    assert not casing(client.diagnostics())


def test_takes_settings_from_options_and_from_the_notification(client: Client) -> None:
    client.initialize(options={"severities": {"instruction-casing": "off"}})
    client.open(TEXT)
    assert not casing(client.diagnostics())
    client.notify("workspace/didChangeConfiguration", {"settings": {"slimstage": {}}})
    assert casing(client.diagnostics())
    client.notify("workspace/didChangeConfiguration", {"settings": {"slimstage": {"diagnostics": False}}})
    assert client.diagnostics() == []


def test_each_folder_of_the_workspace_has_its_own_settings(client: Client) -> None:
    loud = {"severities": {"instruction-casing": "error"}}
    client.scoped = {"file:///srv/shop": {"severities": {"instruction-casing": "off"}}, "file:///srv/shop/api": loud}
    client.initialize(configuration={}, folders=["file:///srv/shop", "file:///srv/shop/api", "file:///srv/blog"])
    client.configuration = {"lang": "ko"}
    client.notify("workspace/didChangeConfiguration", {"settings": None})
    places = {"shop/Dockerfile": None, "shop/api/x/Dockerfile": 1, "shopping/Dockerfile": 4, "blog/Dockerfile": 4}
    for name, severity in places.items():
        client.open(TEXT, f"file:///srv/{name}")
        while [each["severity"] for each in casing(client.diagnostics())] != ([severity] if severity else []):
            pass  # the first may still be by the defaults
    client.scoped["file:///srv/added"] = {"severities": {"instruction-casing": "off"}}
    added = {"uri": "file:///srv/added", "name": "added"}
    client.open(TEXT, "file:///srv/added/Dockerfile")
    assert casing(client.diagnostics())
    client.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": [added], "removed": []}})
    assert not casing(client.diagnostics())


def test_cancelling_what_was_answered_is_no_news(client: Client) -> None:
    client.initialize()
    client.open(TEXT)
    client.about("textDocument/codeLens")
    client.notify("$/cancelRequest", {"id": 2})
    client.about("textDocument/codeLens")
    client.stop()
    assert client.stderr == b""


def test_registers_for_changed_files_and_reads_them_again(client: Client, tmp_path: Path) -> None:
    client.initialize({"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": True}}})
    text = "FROM python:3.11-slim\nCOPY req\n"
    client.open(text, (tmp_path / "Dockerfile").as_uri())
    client.diagnostics()
    where = position(text, len(text) - 1, "utf-16")
    first = client.at("textDocument/completion", where)
    assert "requirements.txt" not in [item["label"] for item in (first or {"items": []})["items"]]
    (tmp_path / "requirements.txt").write_text("flask\n", "utf-8")
    client.notify(
        "workspace/didChangeWatchedFiles", {"changes": [{"uri": (tmp_path / "requirements.txt").as_uri(), "type": 1}]}
    )
    client.diagnostics()
    assert "requirements.txt" in [item["label"] for item in client.at("textDocument/completion", where)["items"]]
    asked = [request["params"] for request in client.requests if request["method"] == "client/registerCapability"]
    watchers = asked[0]["registrations"][0]["registerOptions"]["watchers"]
    assert {"globPattern": "**/*requirements*.txt"} in watchers and {"globPattern": "**/*.lock"} in watchers


def test_a_fix_chosen_for_an_old_version_is_not_applied(client: Client) -> None:
    client.initialize({"textDocument": {"codeAction": {"resolveSupport": {"properties": ["edit"]}}}})
    client.open(TEXT)
    actions = client.about("textDocument/codeAction", range=EVERYTHING, context={"diagnostics": []})
    pending = next(action for action in actions if "edit" not in action)
    assert "edit" in client.request("codeAction/resolve", pending)
    client.change(2, {"text": "# moved\n" + TEXT})
    assert "edit" not in client.request("codeAction/resolve", pending)
    assert client.request("codeAction/resolve", {"title": "nobody's"}) == {"title": "nobody's"}


def test_code_actions_name_only_diagnostics_that_were_sent(client: Client) -> None:
    client.initialize()
    client.open(TEXT)
    found = casing(client.diagnostics())
    bare = client.about("textDocument/codeAction", range=EVERYTHING, context={"diagnostics": []})
    assert not [action for action in bare if action.get("diagnostics")]
    known = client.about("textDocument/codeAction", range=EVERYTHING, context={"diagnostics": found})
    assert next(action["diagnostics"] for action in known if "diagnostics" in action) == found
    only = client.about(
        "textDocument/codeAction", range=EVERYTHING, context={"diagnostics": found, "only": ["source.fixAll"]}
    )
    assert [action["kind"] for action in only] == ["source.fixAll.slimstage"]
    assert only[0]["edit"]["changes"][client.uri]


def test_a_conversion_comes_by_both_names_and_with_reasons_where_a_client_shows_them(client: Client) -> None:
    edits = {"documentChanges": True, "changeAnnotationSupport": {"groupsOnLabel": True}}
    client.initialize({"workspace": {"workspaceEdit": edits}})
    client.open((ROOT / "tests/fixtures/seed/python-single-stage/Dockerfile").read_text(encoding="utf-8"))
    client.diagnostics()
    for asked, kind in (("refactor.rewrite", "refactor.rewrite"), ("source.slim", "source.slim.slimstage")):
        context = {"diagnostics": [], "only": [asked]}
        (action,) = client.about("textDocument/codeAction", range=EVERYTHING, context=context)
        assert action["kind"] == kind
        annotations = action["edit"]["changeAnnotations"]
        (change,) = action["edit"]["documentChanges"]
        assert {edit["annotationId"] for edit in change["edits"]} == set(annotations)
        assert all(each["label"] and each["description"] for each in annotations.values())
    kinds = [a["kind"] for a in client.about("textDocument/codeAction", range=EVERYTHING, context={"diagnostics": []})]
    assert kinds.count("refactor.rewrite") == 1
    assert "source.slim.slimstage" not in kinds


@pytest.mark.parametrize(
    ("name", "filters"),
    [
        ("Visual Studio Code", ["--from=base"]),
        ("Neovim", ["--from=base"]),
        # eglot compares with what the major mode calls a symbol: `b` in some, `--from=b` in others.
        ("Eglot", ["base", "--from=base"]),
        (None, ["base", "--from=base"]),
    ],
)
def test_completes_for_every_idea_of_a_word(client: Client, name: str | None, filters: list[str]) -> None:
    client.initialize(name=name)
    text = "FROM alpine AS base\nFROM alpine\nCOPY --from=b"
    client.open(text)
    found = client.at("textDocument/completion", position(text, len(text), "utf-16"))
    items = [item for item in found["items"] if item["label"] in ("base", "--from=base")]
    assert [item["filterText"] for item in items] == filters
    # eglot puts the label in the word's place before it applies the edit, and a shorter label eats text behind it.
    assert [item["label"] for item in items] == ["base", "--from=base"][: len(items)]
    for item in items:
        edit = item["textEdit"]
        start = edit["range"]["start"]["character"]
        assert text.splitlines()[-1][:start] + edit["newText"] == "COPY --from=base"
        assert item.get("insertText", edit["newText"]) == edit["newText"]


def test_pages_of_candidates_come_when_asked_for(client: Client) -> None:
    support = {"completionItem": {"resolveSupport": {"properties": ["documentation"]}}}
    client.initialize({"textDocument": {"completion": support}})
    text = "FROM node:"
    client.open(text)
    items = client.at("textDocument/completion", position(text, len(text), "utf-16"))["items"]
    assert "documentation" not in items[0]
    page = client.request("completionItem/resolve", items[0])["documentation"]
    assert page["kind"] == "markdown"
    assert page["value"].startswith(f"### {items[0]['label']}")
    assert client.request("completionItem/resolve", {"label": "nobody's"}) == {"label": "nobody's"}


def test_pages_and_snippets_only_for_clients_that_take_them(client: Client) -> None:
    client.initialize()
    text = "FROM scratch\n"
    client.open(text)
    items = client.at("textDocument/completion", position(text, len(text), "utf-16"))["items"]
    assert all("documentation" in item for item in items)
    assert not [item for item in items if item.get("insertTextFormat") == 2]


def test_hints_asked_for_just_before_the_document_is_opened_come_when_it_is(client: Client) -> None:
    client.initialize()
    params = {"textDocument": {"uri": client.uri}, "range": EVERYTHING}
    number = client.ask("textDocument/inlayHint", params)
    client.open("FROM alpine:3.20 AS build\nFROM alpine:3.20\n")
    assert client.answer(number)["result"]
    unknown = {**params, "textDocument": {"uri": "file:///never/opened/Dockerfile"}}
    assert client.answer(client.ask("textDocument/inlayHint", unknown))["result"] is None


def test_a_client_that_applies_every_answer_gets_the_preferred_fix_of_the_finding_it_names(client: Client) -> None:
    # Kate before 23.04, at Ctrl+.
    client.initialize()
    seed = (ROOT / "tests" / "fixtures" / "seed" / "python-single-stage" / "Dockerfile").read_text(encoding="utf-8")
    text = seed + "MAINTAINER me\nLABEL a=$NOWHERE\n"
    client.open(text)
    found = client.diagnostics()
    whole = {"start": START, "end": position(text, len(text), "utf-16")}
    for named, fixes in (("deprecated-maintainer", 1), ("undefined-variable", 0)):
        context = {"diagnostics": [each for each in found if each["code"] == named]}
        offered = client.about("textDocument/codeAction", range=whole, context=context)
        assert [action["diagnostics"][0]["code"] for action in offered] == [named] * fixes
        there = context["diagnostics"][0]["range"]
        assert len(client.about("textDocument/codeAction", range=there, context=context)) > fixes
    assert "refactor.rewrite" in {
        action["kind"] for action in client.about("textDocument/codeAction", range=whole, context={"diagnostics": []})
    }


def test_snippets_keep_their_lines_where_a_client_can_be_told_to(client: Client) -> None:
    modes = {"snippetSupport": True, "insertTextModeSupport": {"valueSet": [1, 2]}}
    client.initialize({"textDocument": {"completion": {"completionItem": modes}}})
    client.open("FROM scratch\n")
    items = client.at("textDocument/completion", {"line": 1, "character": 0})["items"]
    assert {item.get("insertTextMode") for item in items if item.get("insertTextFormat") == 2} == {1}
    assert {item.get("insertTextMode") for item in items if item.get("insertTextFormat") != 2} == {None}


def test_a_cancelled_request_and_an_unknown_one_harm_nobody(client: Client) -> None:
    client.initialize()
    client.open(TEXT)
    number = client.ask("textDocument/hover", {"textDocument": {"uri": client.uri}, "position": START})
    client.notify("$/cancelRequest", {"id": number})
    client.notify("$/cancelRequest", {"id": 9999})
    client.answer(number)
    assert client.answer(client.ask("textDocument/nonsense", {}))["error"]["code"] == -32601
    client.notify("$/setTrace", {"value": "verbose"})
    client.send_raw(b"{not json")
    assert client.at("textDocument/hover", START) is not None


@pytest.mark.parametrize(
    ("method", "more"),
    [
        ("hover", {"position": START}),
        ("completion", {"position": START}),
        ("definition", {"position": START}),
        ("references", {"position": START, "context": {"includeDeclaration": True}}),
        ("documentHighlight", {"position": START}),
        ("prepareRename", {"position": START}),
        ("rename", {"position": START, "newName": "x"}),
        ("codeAction", {"range": EVERYTHING, "context": {"diagnostics": []}}),
        ("documentSymbol", {}),
        ("foldingRange", {}),
        ("documentLink", {}),
        ("selectionRange", {"positions": [START]}),
        ("semanticTokens/full", {}),
        ("semanticTokens/range", {"range": EVERYTHING}),
        ("formatting", {"options": {"tabSize": 4, "insertSpaces": True}}),
        ("signatureHelp", {"position": START}),
        ("inlayHint", {"range": EVERYTHING}),
        ("codeLens", {}),
    ],
)
def test_a_document_that_is_not_open_has_no_answer(shared: Client, method: str, more: dict[str, Any]) -> None:
    shared.uri = "untitled:never-opened"
    assert shared.about(f"textDocument/{method}", **more) is None


@pytest.fixture(scope="module")
def shared() -> Iterator[Client]:
    """One server for many questions."""
    found = Client()
    found.initialize()
    yield found
    found.kill()


def test_a_feature_that_fails_answers_nothing_and_says_so_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("planted")

    monkeypatch.setattr(lsp_server, "hover", broken)
    server = lsp_server.make_server()
    document = server.documents.open("untitled:a", 1, TEXT)
    params = lsp_server.types.HoverParams(
        lsp_server.types.TextDocumentIdentifier(document.uri), lsp_server.types.Position(0, 0)
    )
    assert lsp_server.on_hover(server, params) is None
    assert "planted" in caplog.text


@pytest.mark.parametrize(
    ("formats", "kind"),
    [(["markdown", "plaintext"], "markdown"), (["plaintext"], "plaintext"), ([], "markdown"), (None, "markdown")],
)
def test_hover_has_no_marks_for_clients_that_show_none(client: Client, formats: list[str] | None, kind: str) -> None:
    client.initialize({"textDocument": {"hover": {} if formats is None else {"contentFormat": formats}}})
    client.open("FROM alpine\nRUN true\n")
    shown = client.at("textDocument/hover", {"line": 1, "character": 1})["contents"]
    assert shown["kind"] == kind
    assert ("](" in shown["value"]) is (kind == "markdown")
    assert ("```" in shown["value"]) is (kind == "markdown")
    assert "layer (Layer)" in shown["value"] or kind == "markdown"
