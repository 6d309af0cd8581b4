"""Every construct of the grammar: what the nodes say, and that their spans cover just that."""

from __future__ import annotations

import pytest

from slimstage.syntax import parse
from slimstage.syntax.nodes import Blank, Comment, Directive, Form, Instruction, TokenKind
from slimstage.text import Span

from .helpers import cut, one


@pytest.mark.parametrize(
    ("text", "form", "arguments"),
    [
        ("FROM alpine:3 AS x", Form.WORDS, ["alpine:3", "AS", "x"]),
        ("RUN apt-get  update", Form.SHELL, ["apt-get  update"]),
        ('RUN ["a", "b c"]', Form.JSON, ['"a"', '"b c"']),
        ("RUN [ -f x ]", Form.SHELL, ["[ -f x ]"]),
        ('CMD ["a"] && b', Form.SHELL, ['["a"] && b']),  # since July 2024, line_parsers.go
        ("CMD a b", Form.SHELL, ["a b"]),
        ("ENTRYPOINT []", Form.JSON, []),
        ('SHELL ["sh", "-c"]', Form.JSON, ['"sh"', '"-c"']),
        ('COPY ["a b", "c"]', Form.JSON, ['"a b"', '"c"']),
        ("COPY a\tb  c/", Form.WORDS, ["a", "b", "c/"]),
        ("ADD https://x/y z", Form.WORDS, ["https://x/y", "z"]),
        ("VOLUME /a /b", Form.WORDS, ["/a", "/b"]),
        ('VOLUME ["/a"]', Form.JSON, ['"/a"']),
        ("EXPOSE 80 443/udp", Form.WORDS, ["80", "443/udp"]),
        ("WORKDIR /a b", Form.WORDS, ["/a b"]),
        ("USER a:b", Form.WORDS, ["a:b"]),
        ("STOPSIGNAL SIGTERM", Form.WORDS, ["SIGTERM"]),
        ("MAINTAINER A <b@c>", Form.WORDS, ["A <b@c>"]),
        ("ENV a=b c='d e'", Form.PAIRS, ["a=b", "c='d e'"]),
        ("ENV a b  c ", Form.LEGACY_PAIR, ["a", "b  c"]),
        ("ARG a b=c", Form.PAIRS, ["a", "b=c"]),
        ("RUN", Form.NONE, []),
        ("HEALTHCHECK NONE", Form.WORDS, ["NONE"]),
        ("ONBUILD RUN a", Form.WORDS, ["RUN"]),
        ("NOPE a b", Form.WORDS, ["a", "b"]),
    ],
)
def test_forms_and_arguments(text: str, form: Form, arguments: list[str]) -> None:
    instruction = one(text)
    assert instruction.form is form
    assert [word.raw for word in instruction.arguments] == arguments
    assert [cut(instruction, word.span) for word in instruction.arguments] == arguments
    assert cut(instruction, instruction.keyword_span) == text.split(maxsplit=1)[0]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("ENV a=b", ["b"]),
        ('ENV a="b c"', ["b c"]),
        ("ENV a='b $c'", ["b $c"]),
        ("ENV a=b\\ c", ["b c"]),
        ('ENV a="b\\"c\\d"', ['b"c\\d']),
        ("ENV a=", [""]),
        ('ENV a="" b=c=d', ["", "c=d"]),
        ("ENV a=$b", [None]),
        ("ENV a=\\$b", ["$b"]),
        ('ENV a "b c" d', ["b c d"]),
        ("ARG a b=c", [None, "c"]),
        ('LABEL "x y"=z', ["z"]),
    ],
)
def test_pairs(text: str, values: list[str | None]) -> None:
    pairs = one(text).pairs
    assert [pair.value.value if pair.value else None for pair in pairs] == values


def test_pair_spans() -> None:
    instruction = one('LABEL a.b="c d" \\\n  e=f\n')
    first, second = instruction.pairs
    assert cut(instruction, first.key.span) == "a.b"
    assert first.value is not None
    assert cut(instruction, first.value.span) == '"c d"'
    assert cut(instruction, first.span) == 'a.b="c d"'
    assert cut(instruction, second.span) == "e=f"


def test_flags_with_their_spans() -> None:
    instruction = one('COPY --from=b --chown="a b" --link --exclude=*.md x y')
    assert [(flag.name, flag.value) for flag in instruction.flags] == [
        ("from", "b"),
        ("chown", "a b"),
        ("link", None),
        ("exclude", "*.md"),
    ]
    assert [cut(instruction, flag.name_span) for flag in instruction.flags] == ["from", "chown", "link", "exclude"]
    assert [cut(instruction, flag.value_span) for flag in instruction.flags] == ["b", '"a b"', None, "*.md"]
    assert cut(instruction, instruction.flags[2].span) == "--link"
    assert instruction.body.text == "x y"


def test_flags_end_at_a_lone_double_dash() -> None:
    instruction = one("RUN --network=none -- --x y")
    assert [flag.name for flag in instruction.flags] == ["network"]
    assert instruction.body.text == "--x y"


def test_mount_options_with_their_spans() -> None:
    instruction = one('RUN --mount=type=cache,target=/x,"id=a b",ro \\\n  go\n')
    options = instruction.flags[0].mount
    assert [(option.key, option.value) for option in options] == [
        ("type", "cache"),
        ("target", "/x"),
        ("id", "a b"),
        ("ro", None),
    ]
    assert [cut(instruction, option.key_span) for option in options] == ["type", "target", "id", "ro"]
    assert [cut(instruction, option.value_span) for option in options] == ["cache", "/x", "a b", None]


def test_mount_options_across_lines() -> None:
    instruction = one("RUN --mount=type=bind,\\\n# why\nfrom=a x\n")
    option = instruction.flags[0].option("from")
    assert option is not None
    assert cut(instruction, option.value_span) == "a"


def test_continuations_comments_and_blank_lines() -> None:
    instruction = one("RUN a \\\n  # comment\n\n  b \\  \n\tc\nRUN d\n")
    assert instruction.body.text == "a   b \tc"
    at = instruction.body.text.index("b")
    assert cut(instruction, instruction.body.span(at, at + 1)) == "b"
    whole = instruction.body.span(0, len(instruction.body.text))
    assert cut(instruction, whole) == "a \\\n  # comment\n\n  b \\  \n\tc"
    kinds = [token.kind for token in instruction.tokens]
    assert kinds.count(TokenKind.CONTINUATION) == 2
    assert kinds.count(TokenKind.COMMENT) == 1


def test_a_keyword_may_be_split() -> None:
    instruction = one("FR\\\nOM alpine")
    assert instruction.keyword == "FROM"
    assert [word.raw for word in instruction.arguments] == ["alpine"]


def test_a_continuation_needs_a_single_escape() -> None:
    assert [i.body.text for i in parse("RUN a\\\\\nRUN b\n").instructions] == ["a\\\\", "b"]


def test_crlf() -> None:
    instruction = one("RUN a \\\r\n  b\r\nRUN c\r\n")
    assert instruction.body.text == "a   b"
    assert instruction.text == "RUN a \\\r\n  b\r\n"
    assert instruction.span == Span(0, len("RUN a \\\r\n  b"))


def test_byte_order_mark() -> None:
    tree = parse("\ufeff# escape=`\nRUN a `\n b")
    assert tree.escape == "`"
    assert tree.items[0].tokens[0].kind is TokenKind.BOM
    assert tree.instructions[0].body.text == "a  b"
    assert one("\ufeffFROM a").keyword_span == Span(1, 5)


def test_items_between_instructions() -> None:
    tree = parse("# one\n\n  \nFROM a\n  # two  \n\n")
    assert [type(item) for item in tree.items] == [Comment, Blank, Instruction, Comment, Blank]
    assert [item.content for item in tree.items if isinstance(item, Comment)] == ["one", "two"]


@pytest.mark.parametrize(
    ("text", "names", "escape"),
    [
        ("# escape=`\nFROM a", ["escape"], "`"),
        ("#escape = ` \nFROM a", ["escape"], "`"),
        ("# syntax=a\n# check=skip=all\n# ESCAPE=`\nFROM a", ["syntax", "check", "escape"], "`"),
        ("# hello\n# escape=`\nFROM a", [], "\\"),
        ("\n# escape=`\nFROM a", [], "\\"),
        ("# unknown=1\n# escape=`\nFROM a", [], "\\"),
        ("FROM a\n# escape=`\n", [], "\\"),
        ("# escape=x\nFROM a", ["escape"], "\\"),
        ("# escape=`\n# escape=\\\nFROM a", ["escape", "escape"], "`"),
    ],
)
def test_directives(text: str, names: list[str], escape: str) -> None:
    tree = parse(text)
    assert [directive.name for directive in tree.directives] == names
    assert tree.escape == escape


def test_directive_spans() -> None:
    item = parse("#  Syntax = a/b:1  \nFROM a").items[0]
    assert isinstance(item, Directive)
    assert item.text[slice(*item.name_span)] == "Syntax"
    assert item.text[slice(*item.value_span)] == "a/b:1"


def test_backtick_escape() -> None:
    tree = parse("# escape=`\nFROM a\nRUN b `\n  c\nENV P=C:\\a` b\n")
    assert tree.instructions[1].body.text == "b   c"
    assert tree.instructions[2].pairs[0].value is not None
    assert tree.instructions[2].pairs[0].value.value == "C:\\a b"


def test_heredocs() -> None:
    instruction = one("RUN cat <<A > x && cat <<-'B'\n$one\nA\n\ttwo $V\n\tB\nRUN c\n")
    first, second = instruction.heredocs
    assert (first.delimiter, first.content, first.expand, first.strip_tabs) == ("A", "$one\n", True, False)
    assert (second.delimiter, second.content, second.expand, second.strip_tabs) == ("B", "two $V\n", False, True)
    assert cut(instruction, first.marker_span) == "<<A"
    assert cut(instruction, second.marker_span) == "<<-'B'"
    assert cut(instruction, first.end_span) == "A\n"
    assert cut(instruction, second.body_span) == "\ttwo $V\n"
    assert instruction.text.endswith("\tB\n")


@pytest.mark.parametrize(
    ("line", "delimiters"),
    [
        ("RUN <<EOF", ["EOF"]),
        ("RUN cat << EOF", ["EOF"]),  # blanks are allowed since BuildKit's lexer keeps them together
        ("RUN 3<<EOF", ["EOF"]),
        ("ONBUILD RUN <<EOF", ["EOF"]),
        ("COPY <<a <<b /x", ["a", "b"]),
        ("RUN <<'E F'", ["E F"]),
        ("RUN cat <<- EOF", []),
        ('RUN echo "<<EOF"', []),
        ("RUN cat <<<EOF", []),
        ("RUN echo it's <<EOF", []),
        ("RUN echo ${a[@]} <<EOF", []),
        ("RUN echo \\<<EOF", []),
        ('RUN ["<<EOF"]', []),
        ("CMD <<EOF", []),
        ("ENV A=<<EOF", []),
        ("ONBUILD CMD <<EOF", []),
    ],
)
def test_where_a_heredoc_starts(line: str, delimiters: list[str]) -> None:
    assert [heredoc.delimiter for heredoc in one(line + "\nx\nEOF\n").heredocs] == delimiters


def test_an_unterminated_heredoc_ends_before_the_next_instruction() -> None:
    tree = parse("RUN <<EOF\nRUNNING x\n  FROM b\nCOPY a b\nEOF2\n")
    assert [i.keyword for i in tree.instructions] == ["RUN", "COPY", "EOF2"]
    assert tree.instructions[0].heredocs[0].content == "RUNNING x\n  FROM b\n"
    assert not tree.instructions[0].heredocs[0].terminated


def test_onbuild_holds_its_trigger() -> None:
    instruction = one("ONBUILD COPY --from=a $X \\\n  y\n")
    inner = instruction.inner
    assert inner is not None
    assert (inner.keyword, inner.flags[0].value) == ("COPY", "a")
    assert [cut(instruction, word.span) for word in inner.arguments] == ["$X", "y"]
    assert [v.name for v in instruction.variables] == ["X"]
    assert instruction.body.text == "COPY --from=a $X   y"


def test_healthcheck_holds_its_command() -> None:
    instruction = one('HEALTHCHECK --retries=3 CMD ["a", "b"]')
    inner = instruction.inner
    assert inner is not None
    assert (inner.keyword, inner.form) == ("CMD", Form.JSON)
    assert [cut(instruction, word.span) for word in inner.arguments] == ['"a"', '"b"']


def test_json_values() -> None:
    values = [word.value for word in one('CMD ["a\\"b", "\\u00e9\\n", "😀"]').arguments]
    assert values == ['a"b', "é\n", "😀"]


def test_astral_characters_count_as_one() -> None:
    instruction = one("LABEL 😀=é b=😀x\n")
    assert [cut(instruction, pair.span) for pair in instruction.pairs] == ["😀=é", "b=😀x"]


@pytest.mark.parametrize(
    "text",
    [
        "ONBUILD " * 5000,
        "ENV A=" + "${A:-" * 5000,
        "ENV A=" + "${A:-" * 2000 + "}" * 2000,
        "CMD " + "[" * 100_000,
        "RUN " + "\"'" * 20_000,
        "RUN " + "$(" * 20_000,
        "RUN " + "<<a " * 3000 + "\n",
        "RUN \\\n" * 5000,
        "COPY --from=" + '"' * 9999,
        "RUN --mount=" + "," * 5000,
    ],
)
def test_deep_and_long_texts_are_read(text: str) -> None:
    assert "".join(parse(text).tokens()) == text
