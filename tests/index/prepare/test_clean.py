"""Cleaning as a whole: exact spans, nothing lost, nothing left, in linear time."""

import re
import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.documents import RawArticle
from index.prepare import prepare
from index.prepare.clean import clean
from index.prepare.lines import Line, cut, split_lines, tidy
from index.prepare.rules import RuleError, Rules, default_rules

SEEDS = Path(__file__).resolve().parents[4] / "shared" / "seeds"
PLAIN = [
    "The council met on Monday and voted for the new bridge.",
    "“We waited ten years for this,” said Ana Kovač, who runs the ferry.",
    "Ferries will run until the bridge opens, in March at the earliest.",
    "It was Mr. Whitlock’s third attempt: the first two failed in court.",
    "The price rose 3.5 percent to $1,200, the U.S. agency reported.",
]
ANYWHERE = [
    text
    for rule in default_rules().rules
    if rule.where == "anywhere" and rule.scope != "block"
    for text in rule.removes
]
LONG_AGO = "Nothing is older than the harbour wall, and nothing holds so well."


def paragraphs(**sizes):
    return st.lists(st.sampled_from(PLAIN), **sizes)


def removed_texts(raw):
    return [raw[span.start : span.end] for span in clean(raw).removed]


@settings(max_examples=150, deadline=None)
@given(st.text())
def test_any_text_is_cleaned_once_and_for_all(raw):
    cleaned = clean(raw)
    assert clean(cleaned.text).text == cleaned.text
    assert not clean(cleaned.text).removed
    spans = [(span.start, span.end) for span in cleaned.removed]
    assert all(0 <= start < end <= len(raw) for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.lists(st.sampled_from([*PLAIN, *ANYWHERE]), min_size=1, max_size=5).map(" ".join),
        max_size=8,
    ).map("\r\n".join)
)
def test_mixed_text_is_cleaned_once_and_for_all(raw):
    text = clean(raw).text
    assert clean(text).text == text


@settings(max_examples=100, deadline=None)
@given(paragraphs(min_size=1, max_size=8))
def test_text_without_debris_is_kept_word_for_word(lines):
    text = "\n".join(lines)
    assert clean(text).text == text
    assert not clean(text).removed


@settings(max_examples=200, deadline=None)
@given(
    paragraphs(min_size=1, max_size=6),
    st.lists(st.tuples(st.integers(0, 6), st.sampled_from(ANYWHERE)), min_size=1, max_size=4),
)
def test_boilerplate_lines_go_wherever_they_stand(lines, debris):
    mixed = list(lines)
    for place, text in debris:
        mixed.insert(place, text)
    raw = "\n\n".join(mixed)
    assert clean(raw).text == "\n".join(lines)
    assert {tidy(text) for text in removed_texts(raw)}


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab \t\u00a0\u200b\ufeff\x00\u3000’é\u0301", max_size=40), st.data())
def test_a_piece_of_a_line_maps_to_its_span(raw, data):
    for line in split_lines(raw):
        assert line == Line(tidy(raw[line.start : line.end]), line.start, line.end)
        start = data.draw(st.integers(0, len(line.text)))
        end = data.draw(st.integers(start, len(line.text)))
        kept, gone = cut(raw, line, [(start, end)])
        assert [tidy(raw[p.start : p.end]) for p in [*kept, *gone]] == [
            p.text for p in [*kept, *gone]
        ]
        assert all(line.start <= p.start < p.end <= line.end for p in [*kept, *gone])


@pytest.mark.parametrize(
    "debris",
    [
        "Already a subscriber? Log in.",
        "Already a Harbour Herald subscriber? Sign in here.",
        "Are you already a subscriber? Log in to continue reading.",
        "Please enable JavaScript in your browser settings.",
        "Thank you for your patience while we verify access…",
        "Thank you for your patience while we verify access.",
        "We are having trouble retrieving the article content.",
        "We’re having trouble loading this story.",
        "Want all of The Times? Subscribe.",
        "Want all of the Harbour Herald? Subscribe.",
        "If you are in Reader mode please exit and log into your Herald account, or subscribe"
        " for all of The Herald.",
        "We use cookies and similar technologies to recognise your repeat visits.",
        "We and our 842 partners store and access personal data on your device.",
        "By clicking “Accept all”, you agree to our use of cookies.",
        "Play Wordle, the Mini Crossword and more games.",
        "Sign up for The Morning newsletter.",
        "You have reached your article limit.",
    ],
)
@pytest.mark.parametrize(
    "shape", ["{0}\n{1}", "{1}\n{0}", "{0} {1}", "{1} {0}", "{0} {1} {0}", "{0}\r\n\t{1}\u200b "]
)
def test_walls_leave_no_trace(debris, shape):
    raw = shape.format(LONG_AGO, debris)
    assert clean(raw).text.split("\n") == [LONG_AGO] * shape.count("{0}")
    assert clean(debris).text == ""


SENTENCES = [
    text
    for rule in default_rules().rules
    if rule.scope == "inline"
    for text in rule.removes
    if text.endswith((".", "?", "!")) and not text[0].islower()
]


@pytest.mark.parametrize("debris", SENTENCES)
def test_a_sentence_of_boilerplate_takes_no_neighbour_with_it(debris):
    raw = f"{LONG_AGO} {debris} {LONG_AGO}"
    assert clean(raw).text == f"{LONG_AGO}\n{LONG_AGO}"


def test_a_wall_on_one_line_leaves_nothing():
    wall = (
        "We are having trouble retrieving the article content. Please enable JavaScript in your"
        " browser settings. Thank you for your patience while we verify access. Already a"
        " subscriber? Log in. Want all of The Herald? Subscribe."
    )
    assert clean(wall).text == ""


def test_odd_characters_go_and_spelling_stays():
    raw = "\ufeffCaf\u00e9 \u00a0and cafe\u0301\x00.\r\n\r\n \u200b\r\nNear\u00adby\u2028Third\x0c"
    assert clean(raw).text == "Caf\u00e9 and cafe\u0301.\nNearby\nThird"


def test_invisible_characters_do_not_hide_boilerplate():
    raw = f"{LONG_AGO}\nAlready a sub\u200bscriber?\u00a0Log\u202f in."
    cleaned = clean(raw)
    assert cleaned.text == LONG_AGO
    assert raw[cleaned.removed[0].start : cleaned.removed[0].end] == raw.split("\n")[1]


def test_a_removed_sentence_is_where_the_raw_text_has_it():
    raw = f"  {LONG_AGO}  Subscribe\u00a0now.\tFerries run."
    assert removed_texts(raw) == ["Subscribe\u00a0now."]
    assert clean(raw).text == f"{LONG_AGO}\nFerries run."


def test_corrections_are_kept_as_facts():
    raw = f"Editor’s note: The pier is in the north.\n{LONG_AGO}\nThis story has been updated."
    cleaned = clean(raw)
    assert cleaned.text == LONG_AGO
    assert cleaned.notes == (
        "Editor’s note: The pier is in the north.",
        "This story has been updated.",
    )


@pytest.mark.parametrize(
    "raw",
    [
        "Already a subscriber? " * 45_000,
        "a" * 1_000_000,
        "A " * 500_000,
        ": " * 500_000,
        "Sign up for our newsletter " * 37_000,
        "Read more\n" * 50_000,
        "More news\nHeadline\n" * 20_000,
        "HALVERSTON —\n" * 20_000,
        "Photo by A/B/C " * 20_000,
        "\u200b\x00" * 500_000,
    ],
    ids=range(10),
)
def test_hostile_text_takes_linear_time(raw):
    started = time.process_time()
    clean(raw[: len(raw) // 10])
    tenth = time.process_time() - started
    started = time.process_time()
    clean(raw)
    whole = time.process_time() - started
    assert whole < 1 + 30 * tenth


def test_the_real_seed():
    files = sorted(SEEDS.glob("*.txt"))
    if not files:
        pytest.skip(f"the seed article is not at {SEEDS}")
    raw = files[0].read_text(encoding="utf-8")
    prepared = prepare(RawArticle(origin="seed", text=raw))
    assert prepared.text.endswith("exploded midair shortly after takeoff.")
    assert raw.startswith(prepared.text)
    assert (prepared.source, prepared.section) == ("nytimes.com", "Elections")
    assert prepared.title_is_derived
    assert prepared.title.endswith("…")
    assert len(prepared.title) <= 91
    assert prepared.published is None
    assert {span.rule for span in prepared.removed} >= {"already-subscriber", "metadata:source"}


RULE = {
    "id": "x",
    "family": "f",
    "why": "An example.",
    "scope": "line",
    "pattern": "x",
    "removes": ["x"],
    "keeps": ["y"],
}


def toml(**changes):
    entry = {**RULE, **changes}
    return "[[rule]]\n" + "\n".join(f"{k} = {v!r}" for k, v in entry.items() if v is not None)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[rule", "not TOML"),
        (toml(why=None), "lacks the text ['why']"),
        (toml(scope="page"), "use one of line, inline, span, block"),
        (toml(pattern="(a"), "isn't a regex"),
        (toml(pattern="a*"), "repeats without bound"),
        (toml(pattern="a{2,}"), "repeats without bound"),
        (toml(pattern="it’s"), "straight quotes"),
        (toml(pattern="<nobody>"), "unknown fragment"),
        (toml(keeps=None), "needs examples"),
        (toml(colour="red"), "unknown keys ['colour']"),
        (toml(scope="inline", where="head"), "only a line rule"),
        (toml() + "\n" + toml(), "must be unique, ['x']"),
    ],
)
def test_a_broken_rule_is_named(text, message):
    with pytest.raises(RuleError, match=re.escape(message)):
        Rules.parse(text)


def test_own_rules_can_be_given():
    rules = Rules.parse(toml(pattern="buy fish"))
    assert clean("Buy fish\nSubscribe now.", rules).text == "Subscribe now."
