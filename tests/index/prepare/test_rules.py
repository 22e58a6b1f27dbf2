"""Each rule is proved by its own examples."""

import pytest

from index.prepare.clean import clean
from index.prepare.rules import Rule, default_rules, fold

RULES = default_rules().rules
BEFORE = "The council met on Monday.\nThe harbour will close in May, it said.\nFishers protested."
AFTER = "A vote is due in June.\nThe minister declined to speak.\nFerries will run as before."

REMOVES = [pytest.param(r, text, id=f"{r.id}:{text[:30]}") for r in RULES for text in r.removes]
KEEPS = [pytest.param(text, id=f"{r.id}:{text[:30]}") for r in RULES for text in r.keeps]


def embedded(rule: Rule, text: str) -> str:
    """`text` where its rule acts, inside an article without boilerplate."""
    if rule.where == "head":
        return f"{text}\n{BEFORE}\n{AFTER}"
    if rule.where == "tail" or rule.scope == "block":
        return f"{BEFORE}\n{AFTER}\n{text}"
    return f"{BEFORE}\n{text}\n{AFTER}"


@pytest.mark.parametrize(("rule", "text"), REMOVES)
def test_removes_its_examples(rule, text):
    cleaned = clean(embedded(rule, text))
    assert cleaned.text == f"{BEFORE}\n{AFTER}"
    assert cleaned.removed


@pytest.mark.parametrize(("rule", "text"), REMOVES)
def test_its_own_pattern_and_cues_cover_its_examples(rule, text):
    folded = fold(text.splitlines()[0])
    assert rule.concerns(folded.lower())
    assert rule.regex.match(folded)


@pytest.mark.parametrize("text", KEEPS)
def test_keeps_what_resembles_boilerplate(text):
    kept = f"{BEFORE}\n{text}\n{AFTER}"
    assert clean(kept).text == kept
    assert clean(text).text == text


def test_every_rule_says_why():
    assert all(len(rule.why) > 20 for rule in RULES)
