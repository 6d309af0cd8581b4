"""The example texts of every rule's page: the rule finds something in `bad` and nothing in `good`."""

import pytest

from slimstage.rules import ALL_RULES
from tests.rules.marking import analyse, findings, knowledge

# What these find depends on more than their examples say.
UNSETTLED = ("drop-build-tools", "copied-path-never-produced", "dev-dependencies-in-final-stage", "context-junk-copied")
WITH_EXAMPLES = [rule.id for rule in ALL_RULES if knowledge().rules[rule.id].bad and rule.id not in UNSETTLED]


@pytest.mark.parametrize("rule", WITH_EXAMPLES)
def test_examples(rule: str) -> None:
    doc = knowledge().rules[rule]
    assert findings(analyse(doc.bad), rule)
    assert not findings(analyse(doc.good), rule)


@pytest.mark.parametrize("rule", [rule.id for rule in ALL_RULES])
def test_every_text_a_fix_or_message_of_an_example_asks_for_is_there(rule: str) -> None:
    doc = knowledge().rules[rule]
    analysis = analyse(doc.bad)
    for finding in findings(analysis, rule):
        for lang in ("en", "ko"):
            texts = [analysis.message(finding, lang)]
            texts += [knowledge().fix_title(rule, fix.title, lang, fix.args) for fix in finding.fixes]
            texts += [knowledge().related_label(rule, x.label, lang, x.args) for x in finding.related]
            assert all(text and "{" not in text.replace("${", "") for text in texts), texts
