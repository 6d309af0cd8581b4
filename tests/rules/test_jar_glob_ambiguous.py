"""jar-glob-ambiguous."""

from tests.rules.marking import fires, fixed, silent

RULE = "jar-glob-ambiguous"
SEED = """FROM gradle:8.3-jdk17 AS builder
WORKDIR /app
COPY . .
RUN gradle clean build --no-daemon

FROM eclipse-temurin:17-jre
WORKDIR /app
COPY --from=builder <</app/build/libs/*.jar>> app.jar
"""
PLAIN = SEED.replace("<<", "").replace(">>", "")
BOOT = {"build.gradle": "plugins { id 'org.springframework.boot' version '3.2.0' }\n"}


def test_a_warning_for_spring_boot_and_advice_when_nobody_knows() -> None:
    assert fires(RULE, SEED, BOOT)[0].severity is None
    assert fires(RULE, SEED)[0].severity == "info"
    assert "gradle clean bootJar --no-daemon" in fixed(RULE, PLAIN, BOOT)


def test_silent() -> None:
    silent(RULE, PLAIN.replace("clean build", "clean bootJar"))  # as the founding document writes it
    silent(RULE, PLAIN, {"build.gradle": BOOT["build.gradle"] + "jar { enabled = false }\n"})
    silent(RULE, PLAIN, {"build.gradle": "plugins { id 'application' }\n"})
    silent(RULE, PLAIN.replace("*.jar", "app-1.jar"))
