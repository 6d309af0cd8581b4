"""`slimstage explain`: what the knowledge base says about a topic."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from slimstage.cli.config import Configs
from slimstage.cli.console import Console
from slimstage.cli.exit_codes import CLEAN, FAULT
from slimstage.features.explain import explain as page_of
from slimstage.features.explain import suggest
from slimstage.features.plain import rendered


def explain(options: Namespace, console: Console) -> int:
    """Print the page of a topic, or all topics without one. Returns the exit code."""
    config = Configs().of(Path.cwd())
    knowledge = console.knowledge(config.knowledge)
    lang = options.lang or config.settings.lang or console.lang
    topic = " ".join(options.topic)
    if not topic:
        console.out(console.paint(console.text("cli.explain.topics"), "bold"))
        for known in knowledge.topics():
            console.out(f"  {known}")
        return CLEAN
    page = page_of(knowledge, topic, lang)
    if page is not None:
        for line in rendered(page, console.paint):
            console.out(line)
        return CLEAN
    names = suggest(knowledge, topic)
    nearest = console.text("cli.did_you_mean", name="', '".join(names)) if names else ""
    console.fault(console.text("cli.explain.unknown", topic=topic, nearest=nearest))
    return FAULT
