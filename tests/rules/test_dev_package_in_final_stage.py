"""dev-package-in-final-stage."""

from tests.rules.marking import fires, fixed, silent

RULE = "dev-package-in-final-stage"
RUN = "FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y --no-install-recommends libpq-dev\n"


def test_fires_and_offers_the_twin_of_the_release() -> None:
    (finding,) = fires(RULE, RUN.replace("libpq-dev", "<<libpq-dev>>"))
    assert finding.severity == "warning"  # 21.7 MB
    assert "install -y --no-install-recommends libpq5\n" in fixed(RULE, RUN)


def test_silent_when_something_compiles_afterwards() -> None:
    silent(RULE, RUN + "RUN make\n")
    silent(RULE, RUN + "RUN ./configure.sh\n")
    silent(RULE, RUN.replace("libpq-dev", "gcc libpq-dev"))
    silent(RULE, RUN.replace("FROM debian:bookworm-slim", "FROM debian:bookworm-slim AS b") + "FROM scratch\n")


def test_silent_on_a_base_made_to_compile_in() -> None:
    text = "ARG REPO=mcr.microsoft.com/dotnet/sdk\nFROM $REPO:10.0-azurelinux3.0\nRUN dnf install -y zlib-devel\n"
    silent(RULE, text)
    fires(RULE, text.replace("/sdk", "/runtime").replace("zlib-devel", "<<zlib-devel>>"))
