"""`slimstage rules`: every rule with its default severity and its names in other tools."""

from __future__ import annotations

import json
from argparse import Namespace

from slimstage.cli.console import Console
from slimstage.rules import ALL_RULES


def rules(options: Namespace, console: Console) -> int:
    """Print the list. Returns the exit code."""
    docs = console.knowledge().rules
    lang = options.lang or console.lang
    rows = [
        {
            "id": rule.id,
            "severity": rule.severity,
            "aliases": list(rule.aliases),
            "title": docs[rule.id].title.to(lang) if rule.id in docs else rule.id,
            "url": docs[rule.id].url if rule.id in docs else None,
        }
        for rule in sorted(ALL_RULES, key=lambda rule: rule.id)
    ]
    if options.format == "json":
        console.out(json.dumps(rows, ensure_ascii=False, indent=2))
        return 0
    widest = max((len(rule.id) for rule in ALL_RULES), default=0)
    for row in rows:
        aliases = f" ({', '.join(row['aliases'])})" if row["aliases"] else ""
        severity = console.paint(f"{row['severity']:<8}", str(row["severity"]))
        console.out(f"{row['id']:<{widest}}  {severity} {row['title']}{aliases}")
    return 0
