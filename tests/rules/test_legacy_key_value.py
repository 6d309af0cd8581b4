"""legacy-key-value."""

import pytest

from tests.rules.marking import analyse, findings, fires, fixed, silent

RULE = "legacy-key-value"


def test_fires() -> None:
    fires(RULE, "FROM a:1\nENV <<A b c>>\nLABEL <<k v>>\nONBUILD ENV <<A b>>\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("ENV A b", "ENV A=b"),
        ("env A\tb", "env A=b"),
        ("ENV A b c", 'ENV A="b c"'),
        ("ENV A  b  c ", 'ENV A="b  c" '),
        ('ENV A "b c"', 'ENV A="b c"'),
        ("ENV A 'b c'", "ENV A='b c'"),
        ('ENV A -D="x y" z', 'ENV A="-D=x y z"'),
        ("ENV A $B/c d", 'ENV A="$B/c d"'),
        ("ENV A $B:/c", "ENV A=$B:/c"),
        ("ENV A b=c d", 'ENV A="b=c d"'),
        ("ENV A b \\\n  c", 'ENV A="b   c"'),
        ("ONBUILD ENV A b c", 'ONBUILD ENV A="b c"'),
        ("ENV A b\\ c", 'ENV A="b c"'),
    ],
)
def test_the_fix_means_the_same(before: str, after: str) -> None:
    for end in ("\n", "\r\n"):
        text = f"FROM a:1\nARG B=1\n{before}\nUSER x\n".replace("\n", end)
        expected = f"FROM a:1\nARG B=1\n{after}\nUSER x\n".replace("\n", end)
        assert fixed(RULE, text) == expected
        old, new = (analyse(part).model.stages[0] for part in (text, expected))
        name = "A"
        if not before.startswith("ONBUILD"):
            assert old.scope_at(old.instructions[2]).value(name) == new.scope_at(new.instructions[2]).value(name)


def test_no_fix_in_doubt() -> None:
    for line in ('ENV A $B "c d"', "ENV A b \\\n# why\n c"):
        found = findings(analyse(f"FROM a:1\nARG B\n{line}\n"), RULE)
        assert found and found[0].fixes == ()


def test_silent() -> None:
    silent(RULE, 'FROM a:1\nENV A=b C="d e"\nLABEL k=v\nARG x\nENV A\n')
