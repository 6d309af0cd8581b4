"""Word expansion, case by case as in BuildKit's shell/lex.go and its envVarTest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slimstage.model.expansion import Unset, expand

VALUES = {"PWD": "/home", "SHELL": "bash", "EMPTY": "", "FRUIT": "banana", "PATHS": "a/b/c"}


def lookup(name: str) -> str | Unset:
    if name == "SECRET":
        return Unset.UNKNOWN
    return VALUES.get(name, Unset.UNDEFINED)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("hello", "hello"),
        ("he'll'o", "hello"),
        ("he'llo", None),
        ("he\\'llo", "he'llo"),
        ("abc\\tdef", "abctdef"),
        ('"abc\\tdef"', "abc\\tdef"),
        ("'abc\\tdef'", "abc\\tdef"),
        ("hello\\", "hello"),
        ('"hello', None),
        ("$", "$"),
        ("$PWD", "/home"),
        ("'$PWD'", "$PWD"),
        ('"$PWD"', "/home"),
        ('"\\$PWD"', "$PWD"),
        ("\\$PWD", "$PWD"),
        ("${PWD}x", "/homex"),
        ("${PWD", None),
        ("${}", None),
        ("$NOPE.", "."),
        ("a$1$12b", "ab"),
        ("${NOPE:-x}", "x"),
        ("${EMPTY:-x}", "x"),
        ("${EMPTY-x}", ""),
        ("${NOPE-x}", "x"),
        ("${PWD:-x}", "/home"),
        ("${NOPE:-${PWD}/y}", "/home/y"),
        ("${NOPE:-'}'}", "}"),
        ("${PWD:+set}", "set"),
        ("${EMPTY:+set}", ""),
        ("${EMPTY+set}", "set"),
        ("${NOPE+set}", ""),
        ("${NOPE:?gone}", None),
        ("${PWD:?gone}", "/home"),
        ("${FRUIT#b*a}", "nana"),
        ("${FRUIT##b*n}", "a"),
        ("${FRUIT%a*}", "banan"),
        ("${FRUIT%%an*}", "b"),
        ("${FRUIT/a/o}", "bonana"),
        ("${FRUIT//a/o}", "bonono"),
        ("${FRUIT/?an/X}", "Xana"),
        ("${PATHS//\\//-}", "a-b-c"),
        ("${FRUIT:#b}", None),
        ("${FRUIT^}", None),
        ("$SECRET", None),
        ("${SECRET:-x}", None),
        ("é$PWD", "é/home"),
    ],
)
def test_expansion(raw: str, value: str | None) -> None:
    assert expand(raw, lookup).value == value


def test_the_escape_character_is_the_files() -> None:
    assert expand("a`$PWD\\b", lookup, "`").value == "a$PWD\\b"


def test_undefined_names_are_listed() -> None:
    assert expand("$A-${B}-${C:-d}-$PWD", lookup).undefined == ("A", "B")


def test_doubling_values_do_not_fill_the_memory() -> None:
    value: str | Unset = "x" * 1000
    for _ in range(40):
        found = expand("$A$A", {"A": value}.__getitem__).value
        value = Unset.UNKNOWN if found is None else found
    assert value is Unset.UNKNOWN


def test_deep_nesting_has_no_value() -> None:
    assert expand("${A:-" * 5000, lookup).value is None


@given(st.text(alphabet="$ab{}:-+?#%/'\"\\*@1 é", max_size=40))
def test_any_word_expands_without_an_error(raw: str) -> None:
    expand(raw, lookup)
