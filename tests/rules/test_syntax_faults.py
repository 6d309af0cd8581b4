"""The parser's faults as findings."""

import pytest

from slimstage.rules import ALL_RULES
from slimstage.rules.syntax_faults import SYNTAX_FAULTS
from slimstage.syntax.grammar import PROBLEMS
from tests.rules.marking import analyse, findings, fires, fixed, knowledge, silent

FIRES = [
    ("unknown-instruction", "FROM a:1\n<<RUNN>> x\n"),
    ("unknown-flag", "FROM a:1\nCOPY --<<chwon>>=1 a b\n"),
    ("duplicate-flag", "FROM a:1\nCOPY --chown=1 <<--chown=2>> a b\n"),
    ("invalid-flag-value", "FROM a:1\nHEALTHCHECK --interval=<<3x>> CMD x\n"),
    ("unknown-mount-type", "FROM a:1\nRUN --mount=type=<<cach>>,target=/a x\n"),
    ("unknown-mount-option", "FROM a:1\nRUN --mount=type=cache,<<taget>>=/a x\n"),
    ("invalid-mount-option", "FROM a:1\nRUN --mount=type=cache,target=/a,sharing=<<lock>> x\n"),
    ("missing-argument", "FROM a:1\n<<COPY>> a\n<<WORKDIR>>\nHEALTHCHECK <<CMD>>\nSHELL <<bash>>\n"),
    ("extra-argument", "FROM a:1\nHEALTHCHECK NONE <<a b>>\n"),
    ("invalid-healthcheck", "FROM a:1\nHEALTHCHECK <<curl>> x\n"),
    ("invalid-json-form", "FROM a:1\nCMD <<['a', 'b']>>\n"),
    ("unterminated-quote", 'FROM a:1\nENV a=<<"b>>\n'),
    ("invalid-key-value", "FROM a:1\nENV a=b <<c>>\nLABEL <<=x>>\nENV <<a>>\n"),
    ("unsupported-variable-modifier", "FROM a:1\nENV a=<<${b:0:1}>>\n"),
    ("invalid-onbuild", "FROM a:1\nONBUILD <<FROM>> b\nONBUILD <<CPOY>> a b\n"),
    ("duplicate-directive", "# syntax=docker/dockerfile:1\n<<# syntax=docker/dockerfile:1>>\nFROM a:1\n"),
    ("invalid-escape-directive", "# escape=<<x>>\nFROM a:1\n"),
    ("invalid-from-syntax", "FROM a:1 <<SA>> b\nFROM a:1 <<AS>>\nFROM a:1 <<c>>\nFROM a:1 <<b c d>>\n"),
]

FIXED = [
    ("unknown-instruction", "FROM a:1\nrunn x\n", "FROM a:1\nrun x\n"),
    ("unknown-instruction", "FROM a:1\r\nRUNN x \\\r\n y\r\n", "FROM a:1\r\nRUN x \\\r\n y\r\n"),
    ("unknown-flag", "FROM a:1\nCOPY --chwon=1 a b\n", "FROM a:1\nCOPY --chown=1 a b\n"),
    ("duplicate-flag", "FROM a:1\nCOPY --chown=1 \\\n --chown=2 a b\n", "FROM a:1\nCOPY --chown=2 a b\n"),
    ("duplicate-flag", "FROM a:1\nONBUILD COPY --chown=1 --chown=2 a b\n", "FROM a:1\nONBUILD COPY --chown=2 a b\n"),
    ("invalid-flag-value", "FROM a:1\nRUN --network=nne x\n", "FROM a:1\nRUN --network=none x\n"),
    ("unknown-mount-type", "FROM a:1\nRUN --mount=type=cach x\n", "FROM a:1\nRUN --mount=type=cache x\n"),
    ("unknown-mount-option", "FROM a:1\nRUN --mount=taget=/a x\n", "FROM a:1\nRUN --mount=target=/a x\n"),
    (
        "invalid-mount-option",
        "FROM a:1\nRUN --mount=type=cache,target=/a,sharing=lockd x\n",
        "FROM a:1\nRUN --mount=type=cache,target=/a,sharing=locked x\n",
    ),
    ("extra-argument", "FROM a:1\nHEALTHCHECK NONE \\\n  a b\n", "FROM a:1\nHEALTHCHECK NONE\n"),
    ("invalid-healthcheck", "FROM a:1\nHEALTHCHECK CMDD a\n", "FROM a:1\nHEALTHCHECK CMD a\n"),
    ("invalid-json-form", "FROM a:1\nCMD ['a', \\\n 'b', ]\n", 'FROM a:1\nCMD ["a", "b"]\n'),
    ("empty-continuation", "FROM a:1\r\nRUN a \\\r\n\r\n  b\r\n", "FROM a:1\r\nRUN a \\\r\n  b\r\n"),
    ("invalid-onbuild", "FROM a:1\nONBUILD CPOY a b\n", "FROM a:1\nONBUILD COPY a b\n"),
    ("duplicate-directive", "# escape=`\n# escape=\\\nFROM a:1\n", "# escape=`\nFROM a:1\n"),
    ("invalid-escape-directive", "# escape=x\nFROM a:1\n", "# escape=\\\nFROM a:1\n"),
    ("invalid-from-syntax", "FROM a:1 SA b\n", "FROM a:1 AS b\n"),
    ("invalid-from-syntax", "from a:1 \\\n b\n", "from a:1 \\\n as b\n"),
]

SILENT = [
    ("unknown-instruction", "# syntax=example/include:1\nFROM a:1\nINCLUDE+ x\n"),
    ("unknown-flag", "# syntax=example/include:1\nFROM a:1\nCOPY --new a b\n"),
    ("duplicate-flag", "FROM a:1\nRUN --mount=target=/a --mount=target=/b x\nCOPY --exclude=a --exclude=b . .\n"),
    ("invalid-flag-value", "FROM a:1\nARG i=3s\nHEALTHCHECK --interval=$i CMD x\n"),
    ("missing-argument", "FROM a:1\nRUN\nRUN --mount=target=/a\n"),
    ("invalid-json-form", "FROM a:1\nRUN pip install .[dev]\nRUN [ -f x ] && y\nRUN [[ -f x ]]\nRUN [ -f x ]\n"),
    ("empty-continuation", "FROM a:1\nRUN <<EOF\na \\\n\nb\nEOF\nRUN a \\\n# comment\n  b\n"),
    ("unsupported-variable-modifier", "ARG V\nFROM ${V:-alpine}\nRUN echo ${V:0:1}\nCMD echo ${V:0:1}\n"),
    ("invalid-from-syntax", "FROM --platform=$BUILDPLATFORM a:1 aS b\n"),
]


def test_each_fault_of_the_parser_has_its_rule_and_texts() -> None:
    assert {rule.id for rule in SYNTAX_FAULTS} == set(PROBLEMS)
    assert set(SYNTAX_FAULTS) <= set(ALL_RULES)


@pytest.mark.parametrize(("rule", "text"), FIRES)
def test_fires(rule: str, text: str) -> None:
    fires(rule, text)


@pytest.mark.parametrize(("rule", "before", "after"), FIXED)
def test_fixes(rule: str, before: str, after: str) -> None:
    assert fixed(rule, before) == after
    silent(rule, after)


@pytest.mark.parametrize(("rule", "text"), SILENT)
def test_silent(rule: str, text: str) -> None:
    silent(rule, text)


@pytest.mark.parametrize("rule", sorted(PROBLEMS))
def test_the_examples_of_the_documentation(rule: str) -> None:
    doc = knowledge().rules[rule]
    assert findings(analyse(doc.bad), rule)
    silent(rule, doc.good)


def test_blank_lines_inside_an_instruction() -> None:
    found = findings(analyse("FROM a:1\nRUN a \\\n\n\n  b\n"), "empty-continuation")
    assert [finding.place.span for finding in found] == [(8, 10)]
    assert found[0].fixes[0].safety.value == "safe"


def test_heredocs() -> None:
    found = findings(analyse("FROM a:1\nRUN <<EOF\nx\n"), "unterminated-heredoc")
    assert [finding.place.span for finding in found] == [(4, 9)]
    assert [f.place.span for f in findings(analyse("FROM a:1\nCOPY a <<EOF\nEOF\n"), "invalid-heredoc")] == [(7, 12)]
    silent("invalid-heredoc", "FROM a:1\nCOPY <<EOF a\nEOF\n")


def test_a_flag_that_a_newer_frontend_may_know_is_a_warning() -> None:
    text = "FROM a:1\nCOPY --brandnew a b\n"
    for version, severity in ((":1.4", None), (":1", "warning"), ("-upstream:master", "warning")):
        analysis = analyse(f"# syntax=docker/dockerfile{version}\n{text}")
        assert findings(analysis, "unknown-flag")[0].severity == severity
    assert findings(analyse(text), "unknown-flag")[0].severity is None


def test_the_message_names_the_closest_word_as_it_would_be_written() -> None:
    analysis = analyse("from a:1\nrunn x\n")
    finding = findings(analysis, "unknown-instruction")[0]
    assert analysis.message(finding, "en") == "`runn` is not a Dockerfile instruction; did you mean `run`?"
    assert "`run`" in analysis.message(finding, "ko")


def test_no_fix_that_loses_a_comment() -> None:
    analysis = analyse("FROM a:1\nCMD ['a', \\\n# why\n 'b']\n")
    assert findings(analysis, "invalid-json-form")[0].fixes == ()
