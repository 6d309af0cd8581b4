"""Requirement files, markers and package.json as the build would read them."""

from slimstage.context import DictContext
from slimstage.context.manifests import parse_requirement, read_package_json, read_requirements


def test_nested_files_comments_and_continuations() -> None:
    context = DictContext(
        {
            "requirements.txt": "-r req/base.txt\n# all of it\nflask == 3.0 \\\n  ; python_version >= '3.8'  # web\n",
            "req/base.txt": "--no-binary=psycopg2\nPsycopg2[extra]>=2.9 --hash=sha256:00\n-r more.txt\n",
            "req/more.txt": "git+https://example.org/x.git#egg=X_y\n./lib\n",
        }
    )
    found = read_requirements(context, "./requirements.txt")
    assert found is not None and found.complete
    assert [(item.name, item.kind) for item in found.items] == [
        ("psycopg2", "package"), ("x-y", "vcs"), (None, "path"), ("flask", "package"),
    ]  # fmt: skip
    assert found.items[0].extras == ("extra",)
    assert found.items[3].pinned == "3.0"
    assert found.no_binary == {"psycopg2"}
    assert found.files == ("requirements.txt", "req/base.txt", "req/more.txt")


def test_what_is_missing_or_not_understood_makes_it_incomplete() -> None:
    assert read_requirements(DictContext({}), "requirements.txt") is None
    for text in ("-r absent.txt\n", "flask\n--what-is-this x\n", "{{ template }}\n"):
        found = read_requirements(DictContext({"r.txt": text}), "r.txt")
        assert found is not None and not found.complete, text


def test_a_file_that_includes_itself_ends() -> None:
    found = read_requirements(DictContext({"r.txt": "-r r.txt\nflask\n"}), "r.txt")
    assert found is not None and [item.name for item in found.items] == ["flask"]


def test_markers_for_linux() -> None:
    assert not parse_requirement("pywin32; sys_platform == 'win32'").applies("3.11")
    assert not parse_requirement("tomli; python_version < '3.11'").applies("3.11")
    assert parse_requirement("tomli; python_version < '3.11'").applies(None)


def test_package_json_takes_strings_only() -> None:
    context = DictContext(
        {"package.json": '{"name": 3, "scripts": {"build": "vite build", "x": 1}, "dependencies": []}'}
    )
    found = read_package_json(context)
    assert found is not None
    assert (found.name, found.scripts, found.dependencies) == ("", {"build": "vite build"}, {})
    assert read_package_json(DictContext({"package.json": "[1]"})) is None
