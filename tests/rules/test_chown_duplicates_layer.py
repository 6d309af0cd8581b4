"""chown-duplicates-layer."""

from tests.rules.marking import fires, fixed, silent

RULE = "chown-duplicates-layer"


def test_fires_below_and_at_the_path() -> None:
    fires(RULE, "FROM x\nWORKDIR /app\nCOPY . .\nRUN <<chown -R app /app>>\n")
    fires(RULE, "FROM x\nCOPY a /srv/a/\nRUN echo && <<chmod -R 755 /srv>>\n")


def test_the_fix_sets_the_owner_while_copying() -> None:
    assert fixed(RULE, "FROM x\nWORKDIR /app\nRUN useradd app\nCOPY . .\nRUN chown -R app:app /app\n") == (
        "FROM x\nWORKDIR /app\nRUN useradd app\nCOPY --chown=app:app . .\nRUN chown app:app /app\n"
    )


def test_no_fix_when_the_user_does_not_exist_yet() -> None:
    (finding,) = fires(RULE, "FROM x\nCOPY . /app\nRUN <<chown -R app /app>>\n")
    assert not finding.fixes


def test_silent() -> None:
    silent(RULE, "FROM x\nRUN mkdir /data && chown -R app /data\n")
    silent(RULE, "FROM x\nCOPY . /app\nRUN chown app /app\n")
    silent(RULE, "FROM x AS b\nCOPY . /app\nRUN chown -R app /app\nFROM y\n")
    silent(RULE, "FROM x\nCOPY . /app\nRUN chown -R app $DIR\n")


def test_silent_for_files_of_one_owner_and_for_the_owner_of_another_file() -> None:
    silent(RULE, "FROM a:1\nCOPY . /app\nRUN chown --from root:root -R 1000:1000 /app\n")
    silent(RULE, "FROM a:1\nCOPY . /app\nRUN chown --from=root:root --recursive app:app /app\n")
    silent(RULE, "FROM a:1\nCOPY . /app\nRUN chmod -R --reference /etc/passwd /app\n")


def test_one_layer_is_told_of_once() -> None:
    fires(RULE, "FROM a:1\nCOPY . /app\nRUN <<chown -R x /app>> && chmod -R 755 /app && chown -R y /app\n")
    fires(RULE, "FROM a:1\nCOPY . /app\nRUN <<chown -R x /app>>\nRUN <<chmod -R 755 /app>>\n")
