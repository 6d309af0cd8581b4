"""A secret in ARG or ENV stays in the image's history or configuration."""

from __future__ import annotations

import re
from collections.abc import Iterable

from slimstage.model import Model
from slimstage.rules.base import Finding, Rule, Severity
from slimstage.syntax.nodes import Instruction, Pair, Place
from slimstage.text import lazy_pattern

_SECRET = frozenset("PASSWORD PASSWD PASSPHRASE SECRET TOKEN APIKEY CREDENTIALS".split())
_SECRET_PAIRS = frozenset(
    ("API_KEY", "ACCESS_KEY", "SECRET_KEY", "PRIVATE_KEY", "ENCRYPTION_KEY", "MASTER_KEY", "DEPLOY_KEY", "SIGNING_KEY")
)
_PUBLIC = frozenset("PUBLIC GPG KMS ALLOW DISABLE ENABLE REQUIRE USE NO SKIP".split())
# Bundlers write such variables into what every browser loads.
_FOR_BROWSERS = ("VITE_", "REACT_APP_", "VUE_APP_", "GATSBY_")
_HARMLESS = lazy_pattern(r"|true|false|yes|no|on|off|none|null|[\d.]+|/.*|\./.*|[a-z]+://.*", re.IGNORECASE)


class SecretInArgEnv(Rule):
    """By the last word of the name, unless the value is a path, a URL, a number or a switch.

    Advice only in a stage that does not ship: its history stays with the builder.
    """

    id = "secret-in-arg-env"
    severity = "warning"
    aliases = ("SecretsUsedInArgOrEnv", "DL3064")

    def check(self, model: Model) -> Iterable[Finding]:
        """One finding a pair."""
        for stage in model.stages:
            for instruction in stage.instructions:
                if instruction.keyword not in ("ARG", "ENV"):
                    continue
                for pair in _secrets(instruction):
                    args = {"name": pair.key.raw, "instruction": instruction.keyword}
                    ships = model.is_shipped(stage)
                    severity: Severity | None = None if ships else "hint"
                    message = instruction.keyword.lower() if ships else "builder"
                    args = {**args, "stage": stage.label}
                    yield Finding(self.id, Place(instruction, pair.key.span), message, args, severity)


def _secrets(instruction: Instruction) -> tuple[Pair, ...]:
    found: tuple[Pair, ...] | None = instruction.facts.get("secrets")
    if found is None:
        found = instruction.facts["secrets"] = tuple(pair for pair in instruction.pairs if _is_secret(pair))
    return found


def _is_secret(pair: Pair) -> bool:
    words = pair.key.raw.upper().split("_")
    if pair.key.raw.startswith(_FOR_BROWSERS):
        return False
    if not (words[-1] in _SECRET or "_".join(words[-2:]) in _SECRET_PAIRS) or not _PUBLIC.isdisjoint(words):
        return False
    value = pair.value.value if pair.value is not None else None
    return value is None or _HARMLESS.fullmatch(value) is None
