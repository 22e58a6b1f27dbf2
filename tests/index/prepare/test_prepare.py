"""From raw text to a citable article: walls, the sample corpus, and what must always hold."""

import re
from itertools import chain, pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import index.prepare
from index.documents import RawArticle
from index.errors import BoilerplateOnly, SourceError
from index.prepare import prepare
from index.prepare.lines import tidy
from index.prepare.rules import default_rules
from index.sources import read_sources
from index.sources.parse import parse
from index.sources.payload import Payload

SAMPLE = Path(__file__).resolve().parents[3] / "examples" / "news"
STORY = (
    "Lisk has long wanted an air-defense system to guard its capital against planes from the"
    " coast, and officials said on Friday that one had arrived by rail from the north.\n"
    "The prime minister declined to speak, and the opposition asked for a debate by the weekend.\n"
    "But in May, a rocket that carried a second satellite exploded shortly after takeoff."
)
WALLS = {
    "harborpost.example": [
        "We’re having trouble loading this story.",
        "JavaScript is turned off in your browser.",
        "Thank you for your patience while we verify your subscription…",
        "Already a Post subscriber? Sign in.",
        "Want all of the Harbor Post? Subscribe.",
    ],
    "kelddaily.example": [
        "We are sorry, this article could not be displayed.",
        "JavaScript appears to be switched off. Turn it on in your settings, then reload.",
        "Checking your access. If you are using a simplified view, leave it and sign in.",
        "Already have a Daily account? Sign in here.",
        "Become a Daily Friend from $2 a week.",
    ],
    "tamsentribune.example": [
        "You need to enable JavaScript to run this app.",
        "Please wait while we check your access…",
        "If you are in Reader mode please exit and log into your Tribune account, or subscribe"
        " for all of The Tribune.",
        "Not a subscriber? Join today.",
        "You’ve reached your limit of complimentary stories.",
    ],
    "ostbrief.example": [
        "Your browser does not support JavaScript.",
        "Verifying your subscription status.",
        "Please log in to continue.",
        "Enjoying what you’re reading? Subscribe to the Ost Brief today.",
        "Continue reading? Register free of charge and get five articles a month.",
    ],
}


@pytest.mark.parametrize("outlet", WALLS)
@pytest.mark.parametrize("join", ["\n", "\r\n\r\n", " "])
def test_the_wall_of_any_outlet_goes_and_the_story_stays(outlet, join):
    wall = join.join(WALLS[outlet])
    prepared = prepare(
        RawArticle(origin="x", text=f"{STORY}\n{wall}\nSource: Elections - {outlet}")
    )
    assert prepared.text == STORY
    assert prepared.title_is_derived
    assert prepared.title.startswith("Lisk has long wanted")
    assert (prepared.source, prepared.section) == (outlet, "Elections")
    assert prepared.published is None
    with pytest.raises(BoilerplateOnly):
        prepare(RawArticle(origin="x", text=wall))


DEBRIS = re.compile(
    r"javascript|cookies?\b|log in\b|sign in\b|sign up|subscri(?:be|ption)|newsletter|digest\b"
    r"|unsubscribe|download|\bapp\b|@|https?:|©|all rights|advert|sponsored|\| |trending"
    r"|in pictures|read more|you may also|powered by|\((?:always )?(?:on|off)\)|credit:"
    r"|photo(?:graph)?:|\bcontributed|comments|donate|trial\b.{0,20}franc|source: "
    r"|share this|refresh",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def sample():
    if not SAMPLE.is_dir():
        pytest.skip(f"the sample corpus is not at {SAMPLE}")
    articles, refused = {}, []
    inputs = read_sources([str(SAMPLE)])
    for raw in chain.from_iterable(parse(i) if isinstance(i, Payload) else [i] for i in inputs):
        if isinstance(raw, SourceError):
            refused.append(raw.origin)
            continue
        try:
            articles[Path(raw.origin).stem] = prepare(raw)
        except BoilerplateOnly:
            refused.append(raw.origin)
    return articles, {Path(origin).stem for origin in refused}


def test_the_sample_corpus_refuses_only_a_wall_and_an_empty_file(sample):
    articles, refused = sample
    assert refused == {"privacy-choices", "march-31-school-menus"}
    assert len(articles) >= 40


def test_nothing_of_the_debris_of_the_sample_corpus_survives(sample):
    left = [
        f"{name}: {line}"
        for name, article in sample[0].items()
        for line in article.text.split("\n")
        if DEBRIS.search(line) and len(line) < 160
    ]
    assert left == []


def test_titles_of_the_sample_corpus_are_headlines(sample):
    titles = {name: article.title for name, article in sample[0].items()}
    assert (
        titles["quidlane-outage"] == "Card payments fail across Verrane after certificate expires"
    )
    assert not [title for title in titles.values() if DEBRIS.search(title)]
    assert sample[0]["ferry-toll-climbs-to-19"].authors == ("Hollis Bream",)
    assert sample[0]["dunmarrow-whooping-cough"].published is None


def test_a_list_of_links_leaves_the_source_below_it():
    links = "Editors’ Picks\nHow to Fold a Map\nThe Last Cat"
    raw = RawArticle(origin="x", text=f"{STORY}\n{links}\nSource: Law - a.example")
    prepared = prepare(raw)
    assert (prepared.text, prepared.source, prepared.section) == (STORY, "a.example", "Law")


PIECES = st.sampled_from(
    [
        *STORY.split("\n"),
        "By ANA KOVAČ",
        "Updated March 12, 2025",
        "Deals | 6 March 2025 | 3 min read",
        "Source: City - b.example",
        "A short headline without a stop",
        *(text for rule in default_rules().rules for text in rule.removes),
    ]
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.one_of(PIECES, st.text(max_size=60)), max_size=12).map("\n".join),
    st.none() | st.text(max_size=30),
    st.none() | st.text(max_size=30),
    st.none() | st.text(max_size=40),
)
def test_any_article_is_prepared_or_refused(text, title, published, url):
    raw = RawArticle(origin="x", text=text, title=title, published=published, url=url)
    try:
        prepared = prepare(raw)
    except SourceError:
        return
    assert prepared.title.strip()
    assert prepared.text.strip()
    spans = [(span.start, span.end) for span in prepared.removed]
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    kept = tidy(text.replace("\n", " "))
    assert all(tidy(line) in kept for line in prepared.text.split("\n"))


def test_no_clock_is_read():
    folder = Path(index.prepare.__file__).parent
    for module in folder.glob("*.py"):
        assert not re.search(r"\b(?:now|today|time)\(\)", module.read_text("utf-8")), module.name
