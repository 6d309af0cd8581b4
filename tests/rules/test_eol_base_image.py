"""eol-base-image."""

from tests.rules.marking import analyse, findings, fires, fixed, knowledge, silent

RULE = "eol-base-image"


def test_fires() -> None:
    analysis = analyse("FROM node:18-slim AS b\n")
    fires(RULE, "FROM <<node:18-slim>> AS b\nFROM <<golang:1.21>>\n")
    assert "2025-04-30" in analysis.message(findings(analysis, RULE)[0], "ko")


def test_the_fix_takes_the_next_supported_release_of_the_same_variant() -> None:
    new = fixed(RULE, "FROM docker.io/library/node:18-slim \\\n  AS b\n")
    assert new.startswith("FROM docker.io/library/node:2") and new.endswith("-slim \\\n  AS b\n")
    silent(RULE, new)


def test_silent() -> None:
    newest = max(source.date for source in knowledge().sources.values())
    for reference, image in knowledge().images.items():
        if image.end_of_life is not None and image.end_of_life > newest:
            silent(RULE, f"FROM {reference}\n")
    silent(RULE, "FROM scratch\nFROM example.org/node:18-slim\nARG T=18\nFROM x:$T\n")


def test_names_the_distribution_when_only_that_is_past_its_end() -> None:
    analysis = analyse("FROM node:22-bullseye-slim\n")
    (finding,) = findings(analysis, RULE)
    assert "built on bullseye" in analysis.message(finding, "en")
    assert fixed(RULE, "FROM node:22-bullseye-slim\n") == "FROM node:22-bookworm-slim\n"
