"""instruction-casing."""

from tests.rules.marking import fires, fixed, silent

RULE = "instruction-casing"


def test_the_majority_decides() -> None:
    fires(RULE, "FROM a:1\n<<run>> x\n  <<Run>> y\nRUN z\n")
    fires(RULE, "from a:1\nrun x\n<<RUN>> y\n")
    fires(RULE, "<<from>> a:1\nRUN x\n")  # a tie
    fires(RULE, "<<From>> a:1\n")


def test_fix() -> None:
    assert fixed(RULE, "from a:1\r\nrun x\r\nRUN y \\\r\n z\r\n") == "from a:1\r\nrun x\r\nrun y \\\r\n z\r\n"
    assert fixed(RULE, "FROM a:1\nRUN x\nRun <<e\nrun\ne\n") == "FROM a:1\nRUN x\nRUN <<e\nrun\ne\n"


def test_silent() -> None:
    silent(RULE, "from a:1\nrun x\n  copy a b\n")
    silent(RULE, "FROM a:1\nRUN <<E\nrun x\nfrom y\nE\n  COPY a b\n")
    silent(RULE, "FROM a:1\nname: x\n")
