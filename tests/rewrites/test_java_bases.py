"""Java on Alpine or distroless where that was asked for, and what speaks against it."""

from __future__ import annotations

import pytest

from slimstage.analysis import Analysis, AnalysisOptions
from slimstage.context import DictContext
from slimstage.features.conversion import refusal_text
from slimstage.rewrites import Conversion, ConversionOptions, Refusal
from slimstage.rewrites.verify import failure
from slimstage.syntax import parse
from slimstage.text import SourceText
from tests.rewrites.test_conversions import convert, knowledge

MAVEN = (
    "FROM maven:3.9-eclipse-temurin-21\nWORKDIR /build\nCOPY pom.xml .\nCOPY src ./src\nRUN mvn -q package\n"
    'ENTRYPOINT ["java", "-Xmx1g", "-jar", "target/web-1.0.jar"]\n'
)
FILES = {
    "pom.xml": "<project><artifactId>web</artifactId><version>1.0</version></project>",
    "src/main/java/Web.java": "class Web {}",
}
SHELL = MAVEN.replace(
    '["java", "-Xmx1g", "-jar", "target/web-1.0.jar"]', "exec java $JAVA_OPTS -jar target/web-1.0.jar"
)


def asked(base: str, text: str = MAVEN, **files: str) -> Conversion | Refusal:
    named = {name.replace("__", "/").replace("_", "."): value for name, value in files.items()}
    return convert(text, DictContext(FILES | named), ConversionOptions(base=base))


def final(found: Conversion | Refusal) -> str:
    assert isinstance(found, Conversion), found
    return found.text[found.text.rindex("FROM ") :]


@pytest.mark.parametrize(
    ("base", "image"),
    [
        ("maven:3.9-eclipse-temurin-21", "eclipse-temurin:21-jre-alpine"),
        ("maven:3.9-eclipse-temurin-17-noble", "eclipse-temurin:17-jre-alpine"),
        ("maven:3.9-eclipse-temurin-21-alpine", "eclipse-temurin:21-jre-alpine"),
        ("docker.io/library/maven:3.9-eclipse-temurin-25", "eclipse-temurin:25-jre-alpine"),
    ],
)
def test_temurin_on_alpine(base: str, image: str) -> None:
    found = asked("alpine", MAVEN.replace("maven:3.9-eclipse-temurin-21", base))
    assert final(found).startswith(f"FROM {image}\nWORKDIR /build\n")


def test_a_shell_starts_it_on_alpine_only() -> None:
    assert final(asked("alpine", SHELL)).endswith("ENTRYPOINT exec java $JAVA_OPTS -jar target/web-1.0.jar\n")
    refused = asked("distroless", SHELL)
    assert isinstance(refused, Refusal)
    assert (refused.args["because"], refused.args["program"]) == ("program", "sh")


def test_distroless_keeps_the_entry_point() -> None:
    found = final(asked("distroless"))
    assert found.startswith("FROM gcr.io/distroless/java21-debian13\n")
    assert found.count("ENTRYPOINT") == 1 and found.endswith('"-jar", "target/web-1.0.jar"]\n')


def test_the_entry_point_of_distroless_gives_way_to_cmd() -> None:
    text = MAVEN.replace("ENTRYPOINT", "CMD")
    found = asked("distroless", text)
    assert "\nENTRYPOINT []\nCMD [" in final(found)
    assert isinstance(found, Conversion) and "entrypoint-cleared" in [step.key for step in found.steps]
    assert "ENTRYPOINT" not in final(asked("alpine", text))


def test_only_an_empty_entry_point_may_come_in() -> None:
    before = Analysis(SourceText('FROM scratch\nCMD ["a"]\n'), knowledge(), None).model
    assert failure(before, 'FROM scratch\nENTRYPOINT []\nCMD ["a"]\n') == "metadata"
    assert failure(before, 'FROM scratch\nENTRYPOINT []\nCMD ["a"]\n', new_entrypoint=True) is None
    assert failure(before, 'FROM scratch\nENTRYPOINT ["b"]\nCMD ["a"]\n', new_entrypoint=True) == "metadata"


@pytest.mark.parametrize("base", ["alpine", "distroless"])
@pytest.mark.parametrize(
    ("text", "because"),
    [
        (MAVEN.replace("ENTRYPOINT", "HEALTHCHECK CMD curl -f http://x\nENTRYPOINT"), "packages"),
        (MAVEN.replace("ENTRYPOINT", "RUN useradd web\nUSER web\nENTRYPOINT"), "commands"),
        (MAVEN.replace("COPY pom.xml", "RUN apt-get update && apt-get install -y ffmpeg\nCOPY pom.xml"), "commands"),
        (MAVEN.replace("-eclipse-temurin-21", "-jdk-11"), "image"),  # OpenJDK's image, not Temurin's
    ],
)
def test_what_is_written_for_the_other_system(base: str, text: str, because: str) -> None:
    found = asked(base, text)
    assert isinstance(found, Refusal) and found.args["because"] == because, found
    for lang in ("en", "ko"):
        assert "{" not in refusal_text(knowledge(), found, lang)
    assert isinstance(asked("auto", text), Conversion)


@pytest.mark.parametrize("base", ["alpine", "distroless"])
def test_an_entry_script(base: str) -> None:
    text = MAVEN[: MAVEN.index("ENTRYPOINT")] + 'COPY run.sh /run.sh\nENTRYPOINT ["/run.sh"]\n'
    script = "#!/bin/sh\nexec java -jar target/web-1.0.jar\n"
    found = asked(base, text, run_sh=script)
    assert isinstance(found, Refusal) and found.args["because"] == "script"
    assert isinstance(asked("auto", text, run_sh=script), Conversion)


@pytest.mark.parametrize(
    "files",
    [
        {"pom_xml": FILES["pom.xml"].replace("</version>", "</version><artifactId>rocksdbjni</artifactId>")},
        {"build_gradle": "dependencies { implementation 'io.netty:netty-tcnative-boringssl-static:2.0' }"},
        {"gradle__libs_versions_toml": 'kafka = "org.apache.kafka:kafka-clients:3.7"'},
        {"libs__snappy-java-1_1_jar": ""},
        {"src__main__java__Native_java": 'class Native { static { System.loadLibrary("native"); } }'},
    ],
)
def test_machine_code_is_not_put_on_musl(files: dict[str, str]) -> None:
    found = asked("alpine", **files)
    assert isinstance(found, Refusal) and found.args["because"] == "machine-code"
    assert isinstance(asked("auto", **files), Conversion)
    assert isinstance(asked("distroless", **files), Conversion)


def test_sources_that_start_programs_find_none_on_distroless() -> None:
    calls = 'class Call { void go() { new ProcessBuilder("uname", "-a").start(); } }'
    found = asked("distroless", src__main__java__Call_java=calls)
    assert isinstance(found, Refusal) and found.args["program"] == "uname"


@pytest.mark.parametrize("base", ["maven:3.9-eclipse-temurin-11", "eclipse-temurin:21.0.5_11-jdk"])
def test_distroless_has_neither_old_majors_nor_certain_versions(base: str) -> None:
    text = MAVEN.replace("maven:3.9-eclipse-temurin-21", base).replace("RUN mvn", "RUN ./mvnw")
    found = asked("distroless", text)
    assert isinstance(found, Refusal) and found.args["because"] == "image"
    assert isinstance(asked("auto", text), Conversion)


@pytest.mark.parametrize("base", ["alpine", "distroless"])
@pytest.mark.parametrize("text", [MAVEN, MAVEN.replace("ENTRYPOINT", "CMD")])
def test_converting_twice_changes_nothing(base: str, text: str) -> None:
    options = AnalysisOptions(conversion={"base": base, "non_root": True})
    before = Analysis(SourceText(text), knowledge(), DictContext(FILES), options)
    assert isinstance(before.conversion, Conversion)
    after = Analysis(SourceText(before.conversion.text), knowledge(), DictContext(FILES), options)
    assert isinstance(after.conversion, Refusal)
    assert not after.error_counts - before.error_counts
    assert not any(item.problems for item in parse(before.conversion.text).items)
