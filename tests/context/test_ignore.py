"""`.dockerignore` patterns. The table follows the documented semantics and moby/patternmatcher's source."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slimstage.context import DictContext, normal_path
from slimstage.context.ignore import IgnorePattern, VisibleContext, _matches_slowly, ignore_rules, parse_ignore


@pytest.mark.parametrize(
    ("pattern", "path", "excluded"),
    [
        # exact names and folders
        ("file", "file", True),
        ("file", "dir/file", False),
        ("dir", "dir/a/b", True),
        ("dir/", "dir/a", True),
        ("/dir", "dir/a", True),
        ("./dir/../dir/a", "dir/a", True),
        ("dir/a", "dir/ab", False),
        # `*` and `?` stay inside a name
        ("*", "a", True),
        ("*", "a/b", True),  # by its folder
        ("*.txt", "a.txt", True),
        ("*.txt", "d/a.txt", False),
        ("*/temp*", "somedir/temporary.txt", True),
        ("*/*/temp*", "somedir/subdir/temporary.txt", True),
        ("*/temp*", "temporary.txt", False),
        ("temp?", "tempa", True),
        ("temp?", "temp", False),
        ("a?b", "a/b", False),
        # `**`
        ("**", "a", True),
        ("**", "a/b", True),
        ("**/", "a", True),
        ("**/file", "file", True),
        ("**/file", "dir/file", True),
        ("**/file", "dir/dir/file", True),
        ("**/file", "dir/file.txt", False),
        ("**/*.go", "a.go", True),
        ("**/*.go", "x/y/a.go", True),
        ("**/*.go", "x/y/a.gox", False),
        ("**file", "dir/xfile", True),
        ("**file*", "dir/xfile", False),
        ("dir/**", "dir/a", True),
        ("dir/**", "dir", False),
        ("dir/**", "dirx", False),
        ("dir**", "dirx/y", True),
        ("dir/**/file", "dir/file", True),
        ("dir/**/file", "dir/a/b/file", True),
        ("dir/**/file", "dir/a/xfile", False),
        ("a/**/b/**/c", "a/x/b/y/c", True),
        ("**/dir2/*", "dir/dir2/a", True),
        ("**/dir2/*", "dir2", False),
        # characters with a meaning elsewhere
        ("a.b", "axb", False),
        ("a+b", "aab", False),
        ("a(b){c}$|", "a(b){c}$|", True),
        ("a[b-d]e", "ace", True),
        ("a[b-d]e", "aee", False),
        ("a[^b]c", "axc", True),
        ("a[^b]c", "abc", False),
        ("a\\*b", "a*b", True),
        ("a\\*b", "axb", False),
        ("é*", "éa", True),
        # lines
        ("# file", "# file", False),
        ("  file  ", "file", True),
        ("", "a", False),
        ("\ufefffile", "file", True),
        ("file\r", "file", True),
        # `!`
        ("*\n!keep", "keep", False),
        ("*\n!keep", "other", True),
        ("dir\n!dir/keep", "dir/keep", False),
        ("dir\n!dir/keep", "dir/other", True),
        ("*.md\n!README*.md\nREADME-secret.md", "README-x.md", False),
        ("*.md\n!README*.md\nREADME-secret.md", "README-secret.md", True),
        ("*.md\nREADME-secret.md\n!README*.md", "README-secret.md", False),
        ("!keep", "other", False),
        ("*\n! keep", "keep", False),
        ("**\n!src/**", "src/a/b", False),
        # never the context itself; what BuildKit refuses matches nothing here
        ("*", ".", False),
        ("*", "", False),
        ("a[", "a[", False),
        ("a\\", "a\\", False),
    ],
)
def test_excludes(pattern: str, path: str, excluded: bool) -> None:
    assert parse_ignore(pattern).excludes(path) is excluded


def test_lines_and_validity() -> None:
    rules = parse_ignore("# c\n\na\n!\nb[\n")
    assert [(p.text, p.line, p.negated, p.is_valid) for p in rules.patterns] == [
        ("a", 2, False, True),
        ("", 3, True, False),
        ("b[", 4, False, False),
    ]


def test_a_dockerfiles_own_file_comes_first() -> None:
    files = {".dockerignore": "a", "web/Dockerfile.dockerignore": "b"}
    found = ignore_rules(DictContext(files), "web/Dockerfile")
    assert found is not None
    assert (found.name, found.excludes("a"), found.excludes("b")) == ("web/Dockerfile.dockerignore", False, True)
    found = ignore_rules(DictContext(files))
    assert found is not None
    assert (found.name, found.excludes("a")) == (".dockerignore", True)
    assert ignore_rules(DictContext({"a": ""})) is None


def test_the_visible_context_leaves_out_what_the_rules_say() -> None:
    files = {"a.txt": "A", "node_modules/x/y.js": "", "dist/keep/me": "", "dist/drop": "", "src/main.py": ""}
    context = VisibleContext(DictContext(files), parse_ignore("node_modules\n*.txt\ndist\n!dist/keep"))
    assert context.read_text("a.txt") is None
    assert context.read_text("src/main.py") == ""
    assert context.list() == ["dist", "src"]
    assert context.list("dist") == ["keep"]
    assert not context.exists("node_modules/x")
    assert not context.exists("dist/drop")
    assert context.exists("dist/keep/me")
    assert not context.exists("nothing")


def test_many_wildcards_take_no_time() -> None:
    assert not parse_ignore("*a" * 30 + "b").excludes("a" * 200)
    assert parse_ignore("**/*a*b*c*d*e*").excludes("x/y/abcde")
    assert parse_ignore("**/a/**/b/**/c/**/d/**/e").excludes("x/a/b/q/c/d/e")
    assert not parse_ignore("**/a/**/b/**/c/**/d/**/e").excludes("x/a/b/q/c/d/xe")


PATTERNS = st.lists(st.sampled_from(["a", "b", "/", "*", "**/", "?", "**", "[ab]"]), min_size=1, max_size=6).map(
    "".join
)


@settings(max_examples=500, deadline=None)
@given(PATTERNS, st.text("ab/", max_size=8))
def test_both_ways_to_match_agree(text: str, path: str) -> None:
    pattern = IgnorePattern(text, 0)
    is_suffix = pattern._pieces[0] == "**" and all(piece[0] not in "*?[" for piece in pattern._pieces[1:])
    if pattern._regex is not None and not is_suffix:
        assert pattern.matches(path) == _matches_slowly(pattern._pieces, path)


@settings(max_examples=500, deadline=None)
@given(st.lists(st.tuples(st.booleans(), PATTERNS), max_size=6), st.text("ab/", max_size=8))
def test_the_last_pattern_that_matches_decides(lines: list[tuple[bool, str]], path: str) -> None:
    rules = parse_ignore("\n".join("!" * negated + text for negated, text in lines))
    parts = normal_path(path).split("/")
    names = ["/".join(parts[: count + 1]) for count in range(len(parts))] if parts != [""] else []
    matching = [pattern for pattern in rules.patterns if any(pattern.matches(name) for name in names)]
    assert rules.excludes(path) == (bool(matching) and not matching[-1].negated)
