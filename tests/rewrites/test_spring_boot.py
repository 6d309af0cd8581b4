"""Spring Boot's jar in layers, where the build files plainly say that it has them."""

from __future__ import annotations

import pytest

from slimstage.analysis import Analysis, AnalysisOptions
from slimstage.context import DictContext
from slimstage.rewrites import Conversion, ConversionOptions, Refusal
from slimstage.text import SourceText
from tests.rewrites.test_conversions import convert, knowledge

LAYERS = ("dependencies", "spring-boot-loader", "snapshot-dependencies", "application")
PARENT = (
    "<parent><groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-parent</artifactId>"
    "<version>3.4.1</version></parent>"
)
PLUGIN = "<plugin><artifactId>spring-boot-maven-plugin</artifactId></plugin>"
REPACKAGED = (
    "<plugin><artifactId>spring-boot-maven-plugin</artifactId><version>3.3.0</version><executions><execution><goals>"
    "<goal>repackage</goal></goals></execution></executions></plugin>"
)
BUILD = "plugins { id 'java'\nid 'org.springframework.boot' version '3.3.4' }\nversion = '1'\n"
MAVEN = (
    "FROM maven:3.9-eclipse-temurin-21\nWORKDIR /build\nCOPY . .\nRUN mvn -q package -DskipTests\n"
    'ENTRYPOINT ["java", "-jar", "target/web-1.0.jar"]\n'
)
GRADLE = (
    "FROM gradle:8.8-jdk21\nWORKDIR /app\nCOPY . .\nRUN gradle bootJar\n# the one that runs\n"
    'RUN cp build/libs/*.jar app.jar\nCMD ["java", "-jar", "app.jar"]\n'
)


def pom(plugin: str = PLUGIN, parent: str = PARENT, more: str = "") -> dict[str, str]:
    project = f"{parent}<artifactId>web</artifactId><version>1.0</version>{more}"
    return {"pom.xml": f"<project>{project}<build><plugins>{plugin}</plugins></build></project>"}


def configured(setting: str) -> str:
    return PLUGIN.replace("</plugin>", f"<configuration>{setting}</configuration></plugin>")


def gradle(text: str = BUILD, name: str = "build.gradle") -> dict[str, str]:
    return {name: text, "settings.gradle": "rootProject.name = 'shop'\n"}


def asked(text: str, files: dict[str, str], *, layered: bool = True) -> Conversion:
    found = convert(text, DictContext(files | {"src/main/java/A.java": ""}), ConversionOptions(layered_jar=layered))
    assert isinstance(found, Conversion), found
    return found


def reason(found: Conversion) -> str:
    """Why the jar stays whole, "" when it does not."""
    keys = [step.key for step in found.steps]
    assert ("jar-layers" in keys) is ("jarmode" in found.text)
    return next((key.removeprefix("jar-stays-whole-") for key in keys if key.startswith("jar-stays-whole-")), "")


def copies(builder: str, target: str) -> str:
    return "".join(f"COPY --from=builder {builder}/{layer}/ {target}\n" for layer in LAYERS)


def test_mavens_jar_is_unpacked_behind_the_build() -> None:
    found = asked(MAVEN, pom())
    tool = "RUN java -Djarmode=tools -jar target/web-1.0.jar extract --layers --destination target/extracted\n"
    assert f"RUN mvn -q package -DskipTests\n{tool}\nFROM eclipse-temurin:21-jre\n" in found.text
    assert copies("/build/target/extracted", "/build/target/") in found.text
    assert found.text.count("COPY --from") == len(LAYERS)
    assert reason(found) == ""


def test_a_jar_that_is_moved_gets_its_new_name_from_the_tool() -> None:
    found = asked(GRADLE, gradle())
    assert (
        "# the one that runs\nRUN java -Djarmode=tools -jar build/libs/*.jar extract --layers "
        "--application-filename app.jar --destination build/extracted\n\nFROM" in found.text
    )
    assert copies("/app/build/extracted", "/app/") in found.text and "RUN cp" not in found.text


def test_a_jar_that_the_build_step_itself_moves() -> None:
    text = MAVEN.replace("-DskipTests", "-DskipTests && mv target/web-1.0.jar web.jar").replace("target/web-1.0", "web")
    text = text.replace("mv web.jar web.jar", "mv target/web-1.0.jar web.jar")
    found = asked(text, pom())
    assert "RUN java -Djarmode=tools -jar web.jar extract --layers --destination target/extracted\n" in found.text
    assert copies("/build/target/extracted", "/build/") in found.text


def test_a_module_of_gradle() -> None:
    files = {
        "settings.gradle": "rootProject.name = 'shop'\ninclude 'web'\n",
        "build.gradle": "plugins { id 'org.springframework.boot' version '3.5.0' apply false }\n",
        "web/build.gradle": "plugins { id 'java'\nid 'org.springframework.boot' }\n",
    }
    text = GRADLE.replace("bootJar", ":web:bootJar").replace("build/libs/*", "web/build/libs/web")
    found = asked(text, files)
    assert "--destination web/build/extracted\n" in found.text
    assert reason(asked(text, files | {"build.gradle": "plugins { }\n"})) == "build"  # nobody says the version


def test_nobody_asked() -> None:
    found = asked(MAVEN, pom(), layered=False)
    assert "COPY --from=builder /build/target/web-1.0.jar /build/target/web-1.0.jar\n" in found.text
    assert reason(found) == "" and "jarmode" not in found.text


@pytest.mark.parametrize("text", [MAVEN, GRADLE])
def test_it_holds_like_any_other_conversion(text: str) -> None:
    context = DictContext({**pom(), **gradle(), "src/main/java/A.java": ""})
    options = AnalysisOptions(conversion={"layered_jar": True, "non_root": True, "cache_mounts": True})
    before = Analysis(SourceText(text), knowledge(), context, options)
    found = before.conversion
    assert isinstance(found, Conversion) and "extracted/application/" in found.text
    after = Analysis(SourceText(found.text), knowledge(), context, options)
    assert isinstance(after.conversion, Refusal)
    assert not after.error_counts - before.error_counts
    for step in found.steps:
        for lang in ("en", "ko"):
            assert knowledge().text(f"conversion.step.{step.key}.why", lang, **step.args)


def test_a_file_without_a_line_end_and_one_of_windows() -> None:
    assert "\nRUN java -Djarmode" in asked(MAVEN.replace("ENTRYPOINT", "CMD").rstrip("\n"), pom()).text
    found = asked(MAVEN.replace("\n", "\r\n"), pom()).text
    assert found.count("\n") == found.count("\r\n") and "\r\nRUN java -Djarmode" in found


@pytest.mark.parametrize(
    "files",
    [
        pom(parent=PARENT.replace("3.4.1", "3.2.9")),
        pom(parent=PARENT.replace("3.4.1", "${boot}")),
        pom(parent=""),
        pom(PLUGIN.replace("</plugin>", "<version>3.4.1</version></plugin>"), parent=""),  # nothing calls repackage
        pom(REPACKAGED.replace("3.3.0", "2.7.18"), parent=""),
        pom(REPACKAGED.replace("3.3.0", "2.7.18")),  # the plugin's own version holds
        pom(""),
        pom(f"<!-- {PLUGIN} -->"),
        pom("", more=f"<profiles><profile><build><plugins>{PLUGIN}</plugins></build></profile></profiles>"),
        pom(more=f"<profiles><profile><build><plugins>{PLUGIN}</plugins></build></profile></profiles>"),
        pom(configured("<layers><enabled>false</enabled></layers>")),
        pom(configured("<executable>true</executable>")),
        pom(configured("<layout>ZIP</layout>")),
    ],
)
def test_maven_does_not_plainly_say_it(files: dict[str, str]) -> None:
    assert reason(asked(MAVEN, files)) == "build"


def test_maven_says_it_without_the_parent() -> None:
    assert reason(asked(MAVEN, pom(REPACKAGED, parent=""))) == ""


@pytest.mark.parametrize(
    "build",
    [
        BUILD.replace("3.3.4", "3.2.0"),
        BUILD.replace("3.3.4", "$bootVersion"),
        BUILD + "bootJar { layered { enabled = false } }\n",
        BUILD + "bootJar { layered { includeTools = false } }\n",
        BUILD + "bootJar { launchScript() }\n",
        "plugins { id 'java' }\nversion = '1'\ntask bootJar(type: Jar) { }\n",
    ],
)
def test_gradle_does_not_plainly_say_it(build: str) -> None:
    assert reason(asked(GRADLE, gradle(build))) == "build"


def test_settings_on_the_command_line() -> None:
    assert reason(asked(MAVEN.replace("-DskipTests", "-Dspring-boot.repackage.skip"), pom())) == "build"


@pytest.mark.parametrize(
    ("text", "files", "expected"),
    [
        (MAVEN.replace('"-jar", "target/web-1.0.jar"', '"-cp", "target/web-1.0.jar", "x.Main"'), {}, "start"),
        (MAVEN.replace("WORKDIR /build\n", "WORKDIR /build\nCOPY lib target/lib\n"), {"lib/a.txt": "a"}, "beside"),
        (MAVEN, {"target/extracted/x": ""}, "beside"),  # the tool does nothing in a folder that is not empty
        # Into the root, libraries would go to the system's /lib.
        (GRADLE.replace("app.jar", "/app.jar"), {}, "beside"),
    ],
)
def test_other_reasons(text: str, files: dict[str, str], expected: str) -> None:
    assert reason(asked(text, {**pom(), **gradle(), **files})) == expected


# A stage that takes the jar of another one.

TWO = (
    "FROM maven:3.9-eclipse-temurin-21 AS build\nWORKDIR /src\nCOPY . .\nRUN mvn -q package\n\n"
    "FROM eclipse-temurin:21-jre\nWORKDIR /app\n# the jar\nCOPY --from=build --chown=1000 /src/target/*.jar app.jar\n"
    'USER 1000\nENTRYPOINT ["java", "-jar", "app.jar"]\n'
)


def shipped(text: str, *, layered: bool = True, **files: str) -> Conversion | Refusal:
    context = DictContext({**pom(), "src/main/java/A.java": "", **files})
    return convert(text, context, ConversionOptions(layered_jar=layered))


def test_a_lean_stage_takes_the_layers_instead_of_the_jar() -> None:
    found = shipped(TWO)
    assert isinstance(found, Conversion), found
    tool = "RUN java -Djarmode=tools -jar target/*.jar extract --layers --application-filename app.jar"
    assert f"RUN mvn -q package\n{tool} --destination target/extracted\n\nFROM eclipse-temurin:21-jre\n" in found.text
    lines = copies("/src/target/extracted", "/app/").replace("--from=builder", "--from=build --chown=1000")
    assert f"# the jar\n{lines}USER 1000\n" in found.text
    assert [step.key for step in found.steps] == ["jar-layers"]
    refused = shipped(TWO, layered=False)
    assert isinstance(refused, Refusal) and refused.reason == "only-copies"


def test_a_full_base_gives_way_at_the_same_time() -> None:
    found = shipped(TWO.replace("21-jre", "21-jdk"))
    assert isinstance(found, Conversion)
    assert found.text == shipped_text() and [step.key for step in found.steps] == ["other-base", "jar-layers"]
    whole = shipped(TWO.replace("21-jre", "21-jdk").replace(" app.jar", " /app.jar").replace('"app.jar"', '"/app.jar"'))
    assert isinstance(whole, Conversion) and "jarmode" not in whole.text
    assert [step.key for step in whole.steps] == ["other-base", "jar-stays-whole-beside"]


def shipped_text() -> str:
    found = shipped(TWO)
    assert isinstance(found, Conversion)
    return found.text


@pytest.mark.parametrize("base", ["21-jre", "21-jdk"])
def test_layers_are_taken_once(base: str) -> None:
    context = DictContext({**pom(), "src/main/java/A.java": ""})
    options = AnalysisOptions(conversion={"layered_jar": True})
    before = Analysis(SourceText(TWO.replace("21-jre", base)), knowledge(), context, options)
    assert isinstance(before.conversion, Conversion)
    after = Analysis(SourceText(before.conversion.text), knowledge(), context, options)
    assert isinstance(after.conversion, Refusal)
    assert not after.error_counts - before.error_counts
    assert not [finding for finding in after.findings if finding not in before.findings]


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        (TWO.replace("/src/target/*.jar app", "/src/other/web.jar app"), "jar-whole-build"),
        (TWO.replace("RUN mvn -q package", "RUN make"), "jar-whole-build"),
        (TWO.replace(" app.jar\n", " /app.jar\n").replace('"app.jar"', '"/app.jar"'), "jar-whole-beside"),
        (TWO.replace("USER", "COPY more /app/lib/\nUSER"), "jar-whole-beside"),
        (TWO.replace('"app.jar"', '"other.jar"'), "jar-whole-start"),
        (TWO.replace('"-jar", "app.jar"', '"-cp", "app.jar", "x.Main"'), "jar-whole-start"),
        (TWO.replace("--chown=1000", "--chmod=644"), "only-copies"),  # folders would get it, too
        (TWO.replace("/src/target/*.jar app.jar", "/src/target/ /app/"), "only-copies"),
    ],
)
def test_a_jar_of_another_stage_stays_whole(text: str, refusal: str) -> None:
    found = shipped(text, **{"more/a.txt": "a"})
    assert isinstance(found, Refusal) and found.reason == refusal, found
    for lang in ("en", "ko"):
        assert knowledge().text(f"conversion.refusal.{found.reason}", lang, **found.args)


def test_an_old_spring_boot_stays_whole() -> None:
    found = shipped(TWO, **pom(parent=PARENT.replace("3.4.1", "2.7.0")))
    assert isinstance(found, Refusal) and found.reason == "jar-whole-build"
