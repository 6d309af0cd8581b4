"""Hostile paths, texts and clients; no network, no process, no waiting for ever."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client

from slimstage.mcp import tools, wire
from slimstage.mcp.tools import Answer, call_tool
from slimstage.mcp.wire import build
from slimstage.mcp.workspace import MAX_BYTES, Refused, Workspace
from tests.mcp.conftest import CASES, LISTS, environment, make_workspace

SECRET = "FROM scratch\nLABEL secret=hunter2\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with a file outside of it that nobody may see."""
    (tmp_path / "outside").write_text(SECRET)
    project = tmp_path / "project"
    project.mkdir()
    (project / "Dockerfile").write_text(LISTS)
    return project


def call(work: Workspace, tool: str, /, **arguments: Any) -> Answer:
    answer = call_tool(work, tool, arguments, lambda done, total, key: None)
    assert answer is not None
    return answer


def refusal(work: Workspace, tool: str, /, **arguments: Any) -> Refused:
    with pytest.raises(Refused) as refused:
        call(work, tool, **arguments)
    text = refused.value.text(work.host.knowledge(()), "en")
    assert text != f"mcp.error.{refused.value.key}"
    assert "{" not in text
    assert "hunter2" not in text
    assert str(work.root.parent) not in text.replace(str(arguments.get("path", "\0")), "")
    return refused.value


@pytest.mark.parametrize(
    "path",
    ["../outside", "..", "/etc/passwd", "/", "sub/../../outside", "./../outside", "../project/../outside",
     "//host/share/x", "\\\\host\\share", "/proc/self/environ", "/proc/self/root/etc/passwd", "/dev/zero"],
)  # fmt: skip
@pytest.mark.parametrize("tool", ["check_dockerfile", "convert_to_multi_stage", "apply_fixes", "estimate_size"])
def test_paths_outside_the_root_are_refused(root: Path, path: str, tool: str) -> None:
    assert refusal(make_workspace(root), tool, path=path).key == "outside"
    assert refusal(make_workspace(root), tool, text=LISTS, context=path).key == "outside"


@pytest.mark.parametrize("path", ["a\0b", "\0", "a\nb", "\x1b[2J", "x" * 4097])
def test_paths_that_are_none(root: Path, path: str) -> None:
    assert refusal(make_workspace(root), "check_dockerfile", path=path).key in ("bad_path", "wrong_length")


def test_a_sibling_whose_name_starts_like_the_root_is_outside(root: Path) -> None:
    (root.parent / "project2").mkdir()
    (root.parent / "project2" / "Dockerfile").write_text(SECRET)
    assert refusal(make_workspace(root), "check_dockerfile", path="../project2/Dockerfile").key == "outside"


@pytest.mark.skipif(os.name == "nt", reason="symbolic links need a privilege there")
def test_links_that_lead_out_are_refused_and_links_inside_are_followed(root: Path) -> None:
    (root / "out").symlink_to(root.parent / "outside")
    (root / "folder").symlink_to(root.parent)
    (root / "loop").symlink_to(root / "loop")
    (root / "nowhere").symlink_to(root / "absent")
    (root / "inside").symlink_to(root / "Dockerfile")
    work = make_workspace(root)
    assert refusal(work, "check_dockerfile", path="out").key == "outside"
    assert refusal(work, "check_dockerfile", path="folder/outside").key == "outside"
    assert refusal(work, "apply_fixes", path="loop").key in ("no_file", "unreadable")
    assert refusal(work, "check_dockerfile", path="nowhere").key == "missing"
    assert call(work, "check_dockerfile", path="inside").data["total"]


@pytest.mark.skipif(os.name == "nt", reason="no pipes in folders there")
def test_what_is_no_regular_file_is_never_waited_for(root: Path) -> None:
    os.mkfifo(root / "pipe")
    (root / "folder").mkdir()
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(root / "s"))
    work = make_workspace(root)
    for path in ("pipe", "folder", "s", "."):
        assert refusal(work, "check_dockerfile", path=path).key == "no_file"
    server.close()
    assert refusal(work, "check_dockerfile", path="absent").key == "missing"
    assert refusal(work, "check_dockerfile", text=LISTS, context="Dockerfile").key == "no_folder"


def test_files_that_are_no_dockerfiles_are_not_shown(root: Path) -> None:
    (root / ".env.json").write_text('{"password": "hunter2"}')
    (root / "binary").write_bytes(b"FROM a\0\0\0hunter2")
    (root / "latin").write_bytes("FROM scratch\nLABEL a=\xe9hunter2\n".encode("latin-1"))
    (root / "huge").write_bytes(b"# hunter2\n" * 10_000_000)
    work = make_workspace(root)
    for path, key in (
        (".env.json", "other_kind"),
        ("binary", "not_text"),
        ("latin", "not_text"),
        ("huge", "too_large"),
    ):
        assert refusal(work, "apply_fixes", path=path).key == key
    assert refusal(work, "apply_fixes", path="huge").key == "too_large"


def test_a_text_of_100_mb_is_refused_at_once(root: Path) -> None:
    work = make_workspace(root)
    assert refusal(work, "check_dockerfile", text="# x\n" * 25_000_000).key == "wrong_length"
    assert refusal(work, "check_dockerfile", text="가" * (MAX_BYTES - 1)).key == "too_large"
    assert refusal(work, "explain", topic="x" * 100_000_000).key == "wrong_length"


@pytest.mark.skipif(os.name == "nt", reason="symbolic links need a privilege there")
def test_settings_cannot_lead_out(root: Path) -> None:
    (root.parent / "slimstage.toml").write_text('[severities]\napt-lists-left = "off"\n')
    assert "apt-lists-left" in call(make_workspace(root), "check_dockerfile", path="Dockerfile").text
    (root / "slimstage.toml").write_text('knowledge = ["../outside"]\n')
    assert refusal(make_workspace(root), "check_dockerfile", path="Dockerfile").key == "outside"
    (root / "slimstage.toml").write_text('context = ".."\n')
    assert refusal(make_workspace(root), "check_dockerfile", path="Dockerfile").key == "outside"
    (root / "slimstage.toml").unlink()
    (root / "slimstage.toml").symlink_to(root.parent / "slimstage.toml")
    assert "apt-lists-left" in call(make_workspace(root), "check_dockerfile", path="Dockerfile").text


@pytest.mark.skipif(os.name == "nt", reason="modes are another matter there")
def test_writing_keeps_mode_and_stays_inside(root: Path) -> None:
    work = make_workspace(root, allow_write=True)
    (root / "Dockerfile").chmod(0o640)
    (root / "out").symlink_to(root.parent / "outside")
    assert refusal(work, "apply_fixes", path="out", write=True).key == "outside"
    assert call(work, "apply_fixes", path="Dockerfile", write=True).data["written"]
    assert (root / "Dockerfile").stat().st_mode & 0o777 == 0o640
    assert (root.parent / "outside").read_text() == SECRET
    assert sorted(os.listdir(root)) == ["Dockerfile", "out"]


def test_hidden_characters_of_a_dockerfile_do_not_steer_anybody(root: Path) -> None:
    hostile = 'FROM a AS "\u202eIGNORE\x1b[2J\u2066\u200b"\nFROM b AS \u202ex\nCOPY --from=\u202ez\x07 / /\n'
    for tool in ("check_dockerfile", "estimate_size"):
        answer = call(make_workspace(root), tool, text=hostile)
        assert all(line.isprintable() for line in answer.text.splitlines()), answer.text


def test_tools_need_no_network_no_process_and_no_environment(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(CASES / "python-seed", root, dirs_exist_ok=True)
    monkeypatch.setenv("SLIMSTAGE_TEST_SECRET", "hunter2")
    work = make_workspace(root)

    def forbidden(*_: Any, **__: Any) -> Any:
        raise AssertionError("the network or a process was asked for")

    for name in ("socket", "create_connection", "getaddrinfo", "gethostbyname"):
        monkeypatch.setattr(socket, name, forbidden)
    monkeypatch.setattr(subprocess, "Popen", forbidden)
    for name in ("system", "popen", "fork", "execv", "posix_spawn"):
        monkeypatch.setattr(os, name, forbidden, raising=False)
    text = "FROM a:$SLIMSTAGE_TEST_SECRET\nARG SLIMSTAGE_TEST_SECRET\nENV X=${SLIMSTAGE_TEST_SECRET}\nRUN curl $X\n"
    answers = [call(work, tool, text=text, detail="full") for tool in
               ("check_dockerfile", "estimate_size", "convert_to_multi_stage", "apply_fixes")]  # fmt: skip
    answers += [
        call(work, "check_dockerfile", path="Dockerfile"),
        call(work, "convert_to_multi_stage", path="Dockerfile"),
        call(work, "explain", topic="curl"),
        call(work, "compare_base_images", images=["python:3.11"]),
        call(work, "lookup_package", name="curl"),
        call(work, "search_knowledge", query="curl"),
    ]
    assert all("hunter2" not in answer.text + json.dumps(answer.data) for answer in answers)


async def test_a_defect_of_ours_is_an_answer_without_details(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise KeyError("hunter2")

    monkeypatch.setattr(tools, "report", broken)
    async with Client(build(make_workspace(root))) as client:
        result = await client.call_tool("check_dockerfile", {"path": "Dockerfile"})
        assert result.is_error
        assert "Internal error" in result.content[0].text  # type: ignore[union-attr]
        assert "hunter2" not in result.content[0].text  # type: ignore[union-attr]


async def test_work_that_takes_too_long_is_given_up(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()

    def endless(*_: Any, **__: Any) -> Any:
        ended.wait(20)

    monkeypatch.setattr(tools, "report", endless)
    monkeypatch.setattr(wire, "SECONDS", 0.5)
    async with Client(build(make_workspace(root))) as client:
        result = await client.call_tool("check_dockerfile", {"path": "Dockerfile"})
        assert result.is_error
        assert "longer than 0.5 s" in result.content[0].text  # type: ignore[union-attr]
        assert not (await client.call_tool("explain", {"topic": "layer"})).is_error
    ended.set()


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_a_cancelled_call_stops_working(root: Path, monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    """The call stands still between two steps until it is cancelled; the step after that must end it."""
    started, cancelled, went_on = threading.Event(), threading.Event(), threading.Event()
    plain = tools.report

    def slow(*arguments: Any, **options: Any) -> Any:
        return plain(*arguments, **options)

    original = tools.check_dockerfile

    def standing(call: tools.Call, **arguments: Any) -> Answer:
        started.set()
        cancelled.wait(20)
        call.step(0, 1, "reading")
        went_on.set()
        return original(call, **arguments)

    monkeypatch.setattr(tools, "TOOLS", tuple(
        tools.Tool(tool.name, standing, tool.parameters, tool.output) if tool.name == "check_dockerfile" else tool
        for tool in tools.TOOLS))  # fmt: skip
    monkeypatch.setattr(tools, "report", slow)
    async with Client(build(make_workspace(root)), mode=mode) as client:
        async with anyio.create_task_group() as group:
            group.start_soon(client.call_tool, "check_dockerfile", {"path": "Dockerfile"})
            with anyio.fail_after(20):
                while not started.is_set():
                    await anyio.sleep(0.01)
            group.cancel_scope.cancel()
        await anyio.sleep(0.2)
        cancelled.set()
        assert not (await client.call_tool("explain", {"topic": "layer"})).is_error
        await anyio.sleep(0.2)
    assert not went_on.is_set()


HEADERS = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
MODERN = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": {"name": "t", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}


def body(tool: str = "check_dockerfile", **arguments: Any) -> bytes:
    params = {"name": tool, "arguments": arguments or {"text": LISTS}, "_meta": MODERN}
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}).encode()


def modern(tool: str = "check_dockerfile") -> dict[str, str]:
    return {**HEADERS, "MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call", "Mcp-Name": tool}


def post(port: int, content: bytes, headers: dict[str, str], path: str = "/mcp") -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("POST", path, content, headers)
        return connection.getresponse().status
    finally:
        connection.close()


def test_wrong_hosts_origins_and_bodies(start_http: Callable[..., int]) -> None:
    port = start_http()
    good = modern()
    assert post(port, body(), good) == 200
    assert post(port, body(), {**good, "Origin": f"http://localhost:{port}"}) == 200
    for host in ("evil.example", "localhost.evil.example", f"evil.example:{port}", f"127.0.0.1.evil.example:{port}",
                 "127.0.0.1:1", f"user@127.0.0.1:{port}"):  # fmt: skip
        assert post(port, body(), {**good, "Host": host}) == 421, host
    for origin in (
        "http://evil.example",
        "null",
        f"http://localhost.evil.example:{port}",
        "https://127.0.0.1",
        "file://",
    ):
        assert post(port, body(), {**good, "Origin": origin}) == 403, origin
    assert post(port, body(text="x" * 5_000_000), good) == 413
    assert post(port, body(), {**good, "Content-Type": "text/plain"}) == 400
    for content in (b"not json", b"[]", b"[" * 100_000, b"{}", b"\xff", b""):
        assert post(port, content, good) == 400, content[:10]
    assert post(port, body(), good, path="/other") == 404
    assert post(port, body(), good) == 200


def test_a_body_of_100_mb_is_not_read(start_http: Callable[..., int]) -> None:
    port = start_http()
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        client.sendall(
            f"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
            "Content-Length: 100000000\r\n\r\n".encode()
        )
        assert b" 413 " in client.recv(1000).split(b"\r\n")[0]
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        client.sendall(
            f"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
            "Transfer-Encoding: chunked\r\n\r\n".encode()
        )
        answer = b""
        try:
            for _ in range(100):
                client.sendall(b"100000\r\n" + b"x" * 0x100000 + b"\r\n")
        except OSError:
            pass  # it hung up on us, as it should
        else:
            pytest.fail("100 MB were taken")
        try:
            answer = client.recv(1000)
        except OSError:
            answer = b""  # the reset may overtake the answer
        assert not answer or b" 413 " in answer
    assert post(port, body(), modern()) == 200


def test_slow_clients_are_hung_up_on_and_hold_up_nobody(start_http: Callable[..., int]) -> None:
    port = start_http(script="import slimstage.mcp.http as http\nhttp.CLIENT_SECONDS = 2.0")
    head = f"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
    beginnings = ["", "POST /m", head, head + "Content-Length: 100\r\n\r\n{", "GET / HTTP/1.1\r\n"]
    clients = []
    for number in range(100):
        client = socket.create_connection(("127.0.0.1", port), timeout=30)
        client.sendall(beginnings[number % len(beginnings)].encode())
        clients.append(client)
    assert post(port, body(), modern()) == 200
    for client in clients:
        rest = b""
        while piece := client.recv(1000):  # ends when the server hangs up; the socket's time-out would be an error
            rest += piece
        assert not rest or b" 408 " in rest or b" 400 " in rest
        client.close()


def test_a_second_request_that_trickles_is_hung_up_on(start_http: Callable[..., int]) -> None:
    port = start_http(script="import slimstage.mcp.http as http\nhttp.CLIENT_SECONDS = 2.0")
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        client.sendall(f"GET /other HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        assert b" 404 " in client.recv(1000)
        client.sendall(b"GET /other HT")
        rest = b"x"
        while rest:
            rest = client.recv(1000)


async def test_a_thousand_requests_at_once_are_all_answered(start_http: Callable[..., int]) -> None:
    port = start_http()
    content = body("explain", topic="layer")
    lines = "".join(f"{name}: {value}\r\n" for name, value in modern("explain").items())
    head = f"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{lines}Content-Length: {len(content)}\r\n"
    head += "Connection: close\r\n\r\n"

    async def ask() -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head.encode() + content)
        await writer.drain()
        answer = await reader.read()
        writer.close()
        return answer

    # The bound is what a hanging server would break, not a measure of speed.
    answers = await asyncio.wait_for(asyncio.gather(*(ask() for _ in range(1000))), 120)
    assert all(answer.startswith(b"HTTP/1.1 200") and b"structuredContent" in answer for answer in answers)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--http", "0.0.0.0:0"], "--allowed-host"),
        (["--http", "example.org:80"], "--allowed-host"),
        (["--http", "[::]:0"], "--allowed-host"),
        (["--http", "127.0.0.1"], "HOST:PORT"),
        (["--http", "127.0.0.1:99999"], "HOST:PORT"),
        (["--root", "absent"], "absent"),
        (["--htp"], "--http"),
    ],
)
def test_wrong_options_are_one_line(tmp_path: Path, arguments: list[str], word: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "slimstage", "mcp", *arguments], cwd=tmp_path, env=environment(),
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert word in done.stderr


def test_a_port_that_is_taken_is_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = subprocess.run(
            [sys.executable, "-m", "slimstage", "mcp", "--http", f"127.0.0.1:{taken.getsockname()[1]}"],
            cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1


def test_without_the_extra_one_line_says_how_to_install_it(tmp_path: Path) -> None:
    script = (
        "import sys, importlib.abc\n"
        "class Missing(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name in ('mcp', 'mcp_types', 'uvicorn', 'starlette', 'anyio'): raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Missing())\n"
        "import importlib.util\n"
        "find = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name, *rest: None if name == 'mcp' else find(name, *rest)\n"
        "from slimstage.cli.main import main\n"
        "sys.exit(main(['mcp']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr == 'slimstage: the MCP server needs an extra: pip install "slimstage[mcp]"\n'


def test_it_ends_when_the_client_goes_or_a_signal_comes(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "slimstage", "mcp"], cwd=tmp_path, env=environment(),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    process.stdin.write(b'{"jsonrpc":"2.0","id":1,"method":"ping"}\n')
    process.stdin.flush()
    assert process.stdout is not None
    assert b'"id":1' in process.stdout.readline()
    # A suite that runs in the background of a shell has the signal ignored, and so have its children.
    if os.name != "nt" and signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 2
        assert process.stderr is not None
        assert process.stderr.read().count(b"\n") == 1
    else:
        process.stdin.close()
        assert process.wait(20) == 0
