"""EXPOSE of something that is no port."""

from __future__ import annotations

from collections.abc import Iterable

from slimstage.model import Model, Stage
from slimstage.rules.base import Finding, Rule
from slimstage.syntax.nodes import Place
from slimstage.text import lazy_pattern

_PORT = lazy_pattern(r"(\d{1,6})(?:-(\d{1,6}))?(?:/(.*))?")
_PROTOCOLS = ("tcp", "udp", "sctp")


class InvalidPort(Rule):
    """Silent for variables and for mappings (`8080:80`), which are another fault."""

    id = "invalid-port"
    severity = "error"
    aliases = ("DL3011", "INVALID_PORT", "INVALID_PROTO")

    def check_stage(self, stage: Stage, model: Model) -> Iterable[Finding]:
        """One finding a word."""
        for item in stage.instructions:
            instruction = item.inner or item
            if instruction.keyword != "EXPOSE":
                continue
            for word in instruction.arguments:
                value = word.value
                if value is None or not value or ":" in value:
                    continue
                fault = _fault(value)
                if fault:
                    yield Finding(self.id, Place(item, word.span), fault, {"value": value})


def _fault(value: str) -> str:
    match = _PORT.fullmatch(value)
    if match is None:
        return "port"
    low, high, protocol = match.groups()
    if protocol is not None and protocol.lower() not in _PROTOCOLS:
        return "protocol"
    if int(low) > 65535 or int(high or low) > 65535 or int(high or low) < int(low):
        return "port"
    return ""
