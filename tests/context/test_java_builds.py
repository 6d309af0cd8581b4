"""What Gradle and Maven are said to write."""

from __future__ import annotations

import pytest

from slimstage.context import DictContext
from slimstage.context.java_builds import gradle_archives, maven_archive, read_gradle_call

BOOT = "plugins {\n  id 'java'\n  id 'org.springframework.boot' version '3.1.4'\n}\n"


def gradle(files: dict[str, str], call: str, root: str = "app") -> tuple[list[str], bool]:
    found = gradle_archives(DictContext(files), call.split(), "", root)
    return [item.path for item in found.items], found.complete


@pytest.mark.parametrize(
    ("build", "call", "paths"),
    [
        ("plugins { id 'java' }", "build", ["build/libs/app.jar"]),
        ("plugins { id 'java' }\nversion = '1.2'", "jar", ["build/libs/app-1.2.jar"]),
        ("apply plugin: 'java'\narchivesBaseName = 'tool'\nversion '1'", "assemble", ["build/libs/tool-1.jar"]),
        (BOOT + "version = '1'", "bootJar", ["build/libs/app-1.jar"]),
        (BOOT + "version = '1'", "build", ["build/libs/app-1-plain.jar", "build/libs/app-1.jar"]),
        (BOOT + "jar { enabled = false }", "clean build -x test", ["build/libs/app.jar"]),
        (BOOT + "tasks.named('jar') { enabled = false }", "build", ["build/libs/app.jar"]),
        (BOOT.replace("3.1.4", "2.3.1.RELEASE"), "build", ["build/libs/app.jar"]),
        (BOOT + "bootJar { archiveFileName = 'run.jar' }", "bootJar", ["build/libs/run.jar"]),
        (BOOT + 'tasks.bootJar {\n  archiveFileName.set("run.jar")\n}', "bootJar", ["build/libs/run.jar"]),
        (BOOT + "bootJar {\n  baseName = 'a'\n  version = '2'\n}", "bootJar", ["build/libs/a-2.jar"]),
        (BOOT + "bootJar { archiveVersion = '' }\nversion = '9'", "bootJar", ["build/libs/app.jar"]),
        (BOOT + "bootJar.archiveFileName = 'short.jar'", "bootJar", ["build/libs/short.jar"]),
        ("plugins {\n id 'java'\n id 'war'\n}", "war", ["build/libs/app.war"]),
        ("plugins {\n  id 'application'\n}", "installDist", ["build/install/app"]),
        ("plugins {\n  application\n}", "installDist", ["build/install/app"]),
        ("plugins { id 'application' }\napplicationName = 'greet'", "installDist", ["build/install/greet"]),
        ("plugins { id 'com.github.johnrengelman.shadow' version '8' }", "shadowJar", ["build/libs/app-all.jar"]),
        ("// version = '3'\nplugins { id 'java' }\n/* version = '4' */", "jar", ["build/libs/app.jar"]),
        ("plugins { id 'java' }\ndependencies {\n  version = '7'\n}", "jar", ["build/libs/app.jar"]),
        ("plugins { id 'java' }", "-Pversion=5 jar", ["build/libs/app-5.jar"]),
    ],
)
def test_archives_of_gradle(build: str, call: str, paths: list[str]) -> None:
    assert gradle({"build.gradle": build}, call) == (paths, True)


def test_names_come_from_settings_and_properties() -> None:
    files = {
        "settings.gradle.kts": 'rootProject.name = "orders"\ninclude(":api", "core")',
        "gradle.properties": "version=4.0\n",
        "build.gradle.kts": 'plugins { java }\nallprojects { apply(plugin = "java") }',
        "api/build.gradle.kts": 'plugins {\n  id("org.springframework.boot") version "3.2.0"\n}',
        "core/build.gradle.kts": "",
    }
    assert gradle(files, ":api:bootJar") == (["api/build/libs/api-4.0.jar"], True)
    assert gradle(files, "jar")[0][-1] == "build/libs/orders-4.0.jar"
    assert gradle(files, ":web:bootJar") == ([], False)


@pytest.mark.parametrize(
    ("build", "call"),
    [
        ("version = project.findProperty('v')", "jar"),
        ('version = "1.$minor"', "jar"),
        (BOOT + 'bootJar { archiveFileName = "${x}.jar" }', "bootJar"),
        ("buildDir = 'out'\nplugins { id 'java' }", "jar"),
        ("layout.buildDirectory = file('out')", "jar"),
        ("apply from: 'more.gradle'", "build"),
        ("plugins { id 'java' }", "ownTask"),
        (BOOT + "bootJar { destinationDirectory = file('x') }", "bootJar"),
        ("plugins { id 'java' }", ""),
    ],
)
def test_what_is_not_literal_is_not_complete(build: str, call: str) -> None:
    assert gradle({"build.gradle": build}, call)[1] is False


def test_a_call_that_writes_no_archive_is_complete() -> None:
    assert gradle({"build.gradle": BOOT}, "dependencies --no-daemon") == ([], True)
    assert gradle({"build.gradle": BOOT}, "--version") == ([], True)


def test_words_of_a_call() -> None:
    call = read_gradle_call("-p sub --no-daemon :a:b:jar -x test -Pv=1 --console plain build -D x=y".split())
    assert call.tasks == (("a:b", "jar"), ("", "build"))
    assert call.excluded == {"test"}
    assert call.folder == "sub"
    assert call.properties == {"v": "1"}


def pom(body: str) -> DictContext:
    return DictContext({"pom.xml": f"<?xml version='1.0'?>\n<project xmlns='x'>{body}</project>"})


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ("<artifactId>a</artifactId><version>1</version>", "target/a-1.jar"),
        ("<artifactId>a</artifactId><version>1</version><packaging>war</packaging>", "target/a-1.war"),
        ("<parent><version>2</version></parent><artifactId>a</artifactId>", "target/a-2.jar"),
        ("<artifactId>a</artifactId><version>1</version><build><finalName>x</finalName></build>", "target/x.jar"),
        (
            "<artifactId>a</artifactId><version>${revision}</version><properties><revision>7</revision></properties>",
            "target/a-7.jar",
        ),
        (
            """<artifactId>a</artifactId><version>1</version><!-- <version>9</version> --><dependencies><dependency>
            <artifactId>b</artifactId><version>5</version></dependency></dependencies>""",
            "target/a-1.jar",
        ),
    ],
)
def test_archive_of_maven(body: str, path: str) -> None:
    found = maven_archive(pom(body))
    assert found is not None and found.path == path


@pytest.mark.parametrize(
    "body",
    [
        "<version>1</version>",
        "<artifactId>a</artifactId>",
        "<artifactId>a</artifactId><version>${sha}</version>",
        "<artifactId>a</artifactId><version>1</version><packaging>pom</packaging>",
        "</project></a></b>",
    ],
)
def test_maven_names_that_are_not_known(body: str) -> None:
    assert maven_archive(pom(body)) is None


def test_no_build_file() -> None:
    assert maven_archive(DictContext({})) is None
    assert gradle({}, "jar") == ([], False)
