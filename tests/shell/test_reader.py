"""The shell reader: commands, words, guards, contexts, redirections, and what it does with broken scripts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slimstage.shell import SimpleCommand, read_script

from .oracles import bash_accepts, tree_sitter_names

# Scripts bash accepts: the reader must see no problem, and the commands tree-sitter-bash sees.
ACCEPTED = [
    "",
    "apt-get update && apt-get install -y gcc=1.2 \\\n    'foo bar' # comment\nls",
    "if [ -f x ]; then a; elif b; then c; else d; fi",
    "if a; then if b; then c; fi fi",
    'for i in a $(ls) "$x"; do e $i; done > out',
    "for i; do x; done; for i do y; done",
    "for ((i=0; i<3; i++)); do x; done",
    "for dir in /a /b\ndo\n  rm -rf $dir\ndone",
    "while read -r x; do y; done < <(z | w)",
    "until a; do sleep 1; done",
    "case $x in a|b) foo ;; (c) bar;; *) baz; esac",
    'case "$(uname -m)" in\n  x86_64) A=1 ;; # comment\n  *)\n    echo no >&2; exit 1 ;;\nesac',
    "x=$(case a in b) c;; esac)",
    "f() { g; }; function h { i; }; function j() (k); f",
    "{ a; b; } | (c && d) || ! e",
    "cat <<EOF > y\n$(date) it's ) } fi\nEOF\nls `pwd`",
    "cat <<'A' <<-B; ls\n$(no\nA\n\t`yes`\n\tB\necho done",
    "[[ $a =~ ^(a|b)$ && -f x || ( $b < c ) ]] && x",
    '[[ -z "$a" ]] || b',
    "((i++)); x=$((1+$(id -u))) y=(a b) z[1]=2 w+=3 set -e",
    'declare -a A=(x "$(y)"); export B=$(z)',
    "a &>/dev/null 2>&1 & b >| c <<< d",
    'echo ${a:-$(b)} ${c#*/} "${d:-"e f"}" ${#g} $\'it\\\'s\'',
    'echo "a $(b "c $(d)") e"',
    "echo a#b \\# ${x}# # comment '",
    "a | tee >(b) 3>&1",
    "time { a; }; time b; coproc c",
    "set -eux; { echo; } ; find . -exec rm {} \\; -o -name '*.c'",
    "echo {a,b} [abc] a*b x?",
    "select x in a b; do c; done",
    "a ||\n\n # comment\n b |\n c",
    "echo `a 'b` `c \"d`",
    "! a && ! b",
    '$CMD arg; "$X"/bin/y z',
    "$((1+2)); $( (a) ); ( (b) )",
]


@pytest.mark.parametrize("script", ACCEPTED)
def test_no_problem_where_bash_sees_none(script: str) -> None:
    assert bash_accepts(script)
    assert read_script(script).problems == ()


@pytest.mark.parametrize("script", ACCEPTED)
def test_command_names_as_tree_sitter_bash_sees_them(script: str) -> None:
    expected = tree_sitter_names(script)
    if expected is None or "coproc" in script:
        return  # tree-sitter-bash has no coproc and no `for i do`
    if "echo `a 'b`" in script or "$((1+2));" in script:
        return  # inside backticks it reads on; $((...)) as a command name is our None
    names = {c.words[0].raw for c in read_script(script).commands if c.words and c.words[0].raw not in ("[", "[[")}
    assert names == set(expected)


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("echo 'a", "unterminated-quote"),
        ('echo "a', "unterminated-quote"),
        ("echo $'a", "unterminated-quote"),
        ("echo $(a", "unterminated-substitution"),
        ("echo ${a", "unterminated-substitution"),
        ("echo `a", "unterminated-substitution"),
        ("if a; then b", "unterminated-construct"),
        ("(a", "unterminated-construct"),
        ("{ a;", "unterminated-construct"),
        ("case a in b) c", "unterminated-construct"),
        ("a &&", "missing-command"),
        ("(a &&)", "missing-command"),
        ("&& a", "unexpected-token"),
        ("a && && b", "unexpected-token"),
        ("a; fi", "unexpected-token"),
        ("a)", "unexpected-token"),
        ("a ;; b", "unexpected-token"),
        ("fi", "unexpected-token"),
        ("a >", "missing-redirect-target"),
    ],
)
def test_problems(script: str, code: str) -> None:
    assert not bash_accepts(script)
    assert code in [problem.code for problem in read_script(script).problems]


def only(script: str) -> SimpleCommand:
    (command,) = read_script(script).commands
    return command


def test_words_resolve_quotes_and_escapes() -> None:
    command = only("""echo 'a b' "c\\"d" e\\ f g'h'"i" \\\n j ~/k a=b {} $'l\\n'""")
    assert [word.value for word in command.words] == [
        "echo", "a b", 'c"d', "e f", "ghi", "j", "~/k", "a=b", "{}", "l\n",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("word", "prefix"),
    [
        ("$x", ""), ("a$x", "a"), ('"a b"$(c)d', "a b"), ("x/*.py", "x/"), ("{a,b}", ""), ("p[12]", "p"), ("`a`", ""),
        ('"v=${x}y"', "v="), ("${x}", ""), ("a?", "a"), ("<(x)", ""), ("$((1))", ""), ("{1..3}", ""),
    ],
)  # fmt: skip
def test_words_that_depend_on_the_shell_have_no_value(word: str, prefix: str) -> None:
    command = read_script(f"echo {word}").commands[0]
    assert (command.words[1].raw, command.words[1].value, command.words[1].static_prefix) == (word, None, prefix)


def test_a_lone_bracket_dollar_or_brace_is_literal() -> None:
    assert [word.value for word in only("[ $ { } ]").words] == ["[", "$", "{", "}", "]"]


def test_guards_and_pipelines() -> None:
    commands = read_script("a && b | c || d; e & f\ng").commands
    assert [(c.name, c.guard) for c in commands] == [
        ("a", ""), ("b", "&&"), ("c", "|"), ("d", "||"), ("e", ";"), ("f", "&"), ("g", ";"),
    ]  # fmt: skip
    assert commands[1].pipeline == commands[2].pipeline
    assert len({c.pipeline for c in commands}) == 6


def test_separator_is_the_operator_before_a_command() -> None:
    script = "a  &&  b ; c"
    assert [script[slice(*c.separator)] for c in read_script(script).commands] == ["", "&&", ";"]


def test_a_compound_command_keeps_its_place_in_list_and_pipeline() -> None:
    a, b, c, d = read_script("a | (b; c) && d").commands
    assert (b.guard, c.guard, d.guard) == ("", ";", "&&")
    assert b.context == c.context == ("subshell",)
    assert d.context == ()
    x, y, z = read_script("x | { y; } | z").commands
    assert x.pipeline == z.pipeline != y.pipeline
    assert a.pipeline != d.pipeline


def test_contexts() -> None:
    script = """
if a; then b; elif c; then d; else e; fi
while f; do g; done
for x in $(h); do i; done
case x in y) j;; esac
k() { l; }
(m)
{ n; }
o `p`
"""
    contexts = {command.name: command.context for command in read_script(script).commands}
    assert contexts == {
        "a": ("if-condition",), "b": ("if",), "c": ("else", "if-condition"), "d": ("else", "if"), "e": ("else",),
        "f": ("while-condition",), "g": ("while",), "h": ("substitution",), "i": ("for",), "j": ("case",),
        "l": ("function", "group"), "m": ("subshell",), "n": ("group",), "o": (), "p": ("substitution",),
    }  # fmt: skip


def test_negation_covers_its_pipeline_only() -> None:
    assert [c.negated for c in read_script("! a | b && c").commands] == [True, True, False]


def test_assignments_before_a_command() -> None:
    command = only("A=1 B='x y' C= make")
    assert [(name, value.value) for name, value in command.assignments] == [("A", "1"), ("B", "x y"), ("C", "")]
    assert command.name == "make"


def test_redirects() -> None:
    command = only("a 2>&1 >>log <in &>all {fd}>x")
    assert [(r.operator, r.fd, r.target.value if r.target else None) for r in command.redirects] == [
        (">&", "2", "1"), (">>", None, "log"), ("<", None, "in"), ("&>", None, "all"), (">", "{fd}", "x"),
    ]  # fmt: skip


def test_redirects_of_a_compound_command_are_a_command_without_words() -> None:
    inner, outer = read_script("{ a; } > out").commands
    assert inner.name == "a"
    assert outer.words == ()
    assert outer.redirects[0].target is not None
    assert outer.redirects[0].target.value == "out"


def test_a_heredoc_body_is_no_command_but_its_substitutions_are() -> None:
    script = "cat <<EOF\nrm -rf /\n$(date)\nEOF\ncat <<'EOF'\n$(no)\nEOF\nls"
    assert [c.name for c in read_script(script).commands] == ["cat", "date", "cat", "ls"]


def test_commands_come_in_source_order_with_substitutions_after_the_command_that_holds_them() -> None:
    assert [c.name for c in read_script("a $(b $(c)) d; e").commands] == ["a", "b", "c", "e"]


def test_faults_do_not_hide_what_follows() -> None:
    assert [c.name for c in read_script("fi; a ) b; done; c").commands] == ["a", "b", "c"]


def test_spans_hold_the_raw_text() -> None:
    script = "  A=b\tfoo 'x y' \\\n  \"$(bar z)\" > out; baz"
    for command in read_script(script).commands:
        assert script[command.span.start : command.span.end].strip() == script[command.span.start : command.span.end]
        for word in (*command.words, *(value for _, value in command.assignments)):
            assert script[word.span.start : word.span.end] == word.raw


PIECES = [
    "(", ")", "$(", "`", "'", '"', "${", "}", "{ ", "((", "))", "[[ ", " ]]", "if ", "then ", "fi;", "case x in ",
     "a) ",
    ";;", "esac", "for i in ", "do ", "done", "<<E\n", "E\n", "\n", "&&", "|", ";", "&", "#", "\\", "$", "a", " ",
     "=", "*",
    "<", ">", "[", "]", "!", "function f", "f() ", "\r\n", "é",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_any_text_is_read_and_its_spans_are_exact(script: str) -> None:
    found = read_script(script)
    starts = [command.span.start for command in found.commands]
    assert starts == sorted(starts)
    for command in found.commands:
        assert 0 <= command.span.start <= command.span.end <= len(script)
        for word in command.words:
            assert script[word.span.start : word.span.end] == word.raw
    for problem in found.problems:
        assert 0 <= problem.span.start <= problem.span.end <= len(script)


@given(
    st.lists(st.sampled_from(["a", "b c", "(", ")", " && ", "; ", "{ ", "; }", "$(x)", "| "]), max_size=12).map("".join)
)
def test_what_bash_accepts_has_no_problem(script: str) -> None:
    if read_script(script).problems:
        assert not bash_accepts(script)


@pytest.mark.parametrize(
    "opener", ["(", "$(", "${", "`", '"$(', "[[ ", "if ", "{ ", "case x in a) ", "$((", "a=(", "<("]
)
def test_deep_nesting_does_not_exhaust_the_stack(opener: str) -> None:
    assert read_script(opener * 5001).problems
