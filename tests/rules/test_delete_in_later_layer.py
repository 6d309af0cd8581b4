"""delete-in-later-layer."""

from tests.rules.marking import fires, silent

RULE = "delete-in-later-layer"


def test_fires_for_names_and_for_virtual_groups() -> None:
    fires(RULE, "FROM debian\nRUN apt-get install -y gcc make\nRUN <<apt-get purge -y gcc>>\n")
    fires(RULE, "FROM alpine\nRUN apk add --virtual .b gcc\nRUN <<apk del .b>>\n")
    fires(RULE, "FROM debian AS a\nRUN apt-get install -y gcc\nFROM a\nRUN <<apt-get purge -y gcc>>\n")


def test_silent() -> None:
    silent(RULE, "FROM debian\nRUN apt-get install -y gcc && apt-get purge -y gcc\n")
    silent(RULE, "FROM debian\nRUN apt-get install -y gcc\nRUN apt-get purge -y make\n")
    silent(RULE, "FROM debian AS b\nRUN apt-get install -y gcc\nRUN apt-get purge -y gcc\nFROM scratch\n")
    silent(RULE, "FROM debian\nRUN apt-get install -y gcc\nRUN apt-get autoremove -y\n")
