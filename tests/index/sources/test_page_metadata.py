"""What pages state of their articles, in every form that outlets use."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.prepare.dates import parse_date
from index.sources.pages.html_blocks import Script, parse
from index.sources.pages.page_linked import read_linked
from index.sources.pages.page_metadata import read_metadata
from index.sources.pages.page_values import best_date, machine_date, people, without_outlet

URL = "https://www.meridianwire.example/2025/06/bridge?utm=1"
WORDS = "<p>The council of Port Ellery voted on Tuesday to close the swing bridge.</p>"


def known(head="", body=WORDS, *, url=URL, html="<html>"):
    tree, scripts = parse(f"<!DOCTYPE html>{html}<head>{head}</head><body>{body}</body></html>")
    return read_metadata(tree, scripts, url)


def linked(document):
    body = document if isinstance(document, str) else json.dumps(document)
    return f'<script type="application/ld+json">{body}</script>'


ARTICLE = {
    "@context": "https://schema.org",
    "@type": "NewsArticle",
    "headline": "Swing bridge to close &amp; ferries to run",
    "datePublished": "2025-06-02T09:30:00+02:00",
    "dateModified": "2025-06-03T08:00:00Z",
    "author": [{"@type": "Person", "name": "Ilse Tarrant"}, {"@type": "Person", "name": "Bo Lund"}],
    "publisher": {"@type": "Organization", "name": "Meridian Wire"},
    "articleSection": ["Harbour", "World"],
    "inLanguage": "en-GB",
    "url": "https://www.meridianwire.example/2025/06/bridge",
}


@pytest.mark.parametrize(
    "document",
    [
        ARTICLE,
        [{"@type": "BreadcrumbList", "name": "No"}, ARTICLE],
        {"@graph": [{"@type": "WebPage", "name": "No", "datePublished": "2001-01-01"}, ARTICLE]},
        {
            "@type": "WebPage",
            "name": "No",
            "mainEntity": {**ARTICLE, "@type": ["Thing", "Article"]},
        },
        "<![CDATA[\n" + json.dumps(ARTICLE) + "\n]]>",
        "/* data */ " + json.dumps(ARTICLE) + ";",
        json.dumps(ARTICLE).replace("}", ",}"),
        json.dumps([{"@type": "Organization", "name": "No"}]) + json.dumps(ARTICLE),
        json.dumps(ARTICLE, indent=1).replace("Meridian Wire", "Meridian\tWire"),
    ],
    ids=["alone", "list", "graph", "nested", "cdata", "script", "commas", "two", "controls"],
)
def test_json_ld_is_read_however_it_is_nested_or_wrapped(document):
    page = known(linked(document))
    assert page.title == "Swing bridge to close & ferries to run"
    assert page.published == "2025-06-02T09:30:00+02:00"
    assert page.modified == "2025-06-03T08:00:00Z"
    assert page.authors == ("Ilse Tarrant", "Bo Lund")
    assert page.source == "Meridian Wire"
    assert page.section == "Harbour"
    assert page.language == "en-GB"
    assert page.url == "https://www.meridianwire.example/2025/06/bridge"


def test_of_broken_json_ld_the_pairs_count_that_can_be_made_out():
    broken = json.dumps(ARTICLE).replace('"author": [', '"author": [ "a "quoted" name", ')
    page = known(linked(broken))
    assert page.title == "Swing bridge to close & ferries to run"
    assert page.published == "2025-06-02T09:30:00+02:00"


def test_authors_by_reference_are_looked_up():
    graph = [
        {"@type": "Article", "headline": "Bridge", "author": {"@id": "#ilse"}},
        {"@type": "Person", "@id": "#ilse", "name": "Ilse Tarrant"},
    ]
    assert known(linked({"@graph": graph})).authors == ("Ilse Tarrant",)


def test_other_articles_on_the_page_are_not_this_one():
    others = {"@type": "ItemList", "itemListElement": [{**ARTICLE, "headline": "Another"}]}
    page = known(linked(others) + '<meta property="og:title" content="Swing bridge to close">')
    assert page.title == "Swing bridge to close"
    assert page.published is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["@type", "@graph", "@id", "headline", "author", "name", "publisher",
                             "datePublished", "mainEntityOfPage", "url", "articleBody"]),
            inner | st.just("NewsArticle"),
            max_size=5,
        )
    ),
    max_leaves=20,
)  # fmt: skip


@given(JSON, st.integers(0, 40))
def test_no_json_raises(document, cut):
    body = json.dumps(document)
    for one in (body, body[cut:], body[:cut]):
        found = read_linked([Script(' type="application/ld+json"', one)])
        assert all(isinstance(name, str) and name for name in found.authors)


# -- dates --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "head",
    [
        '<meta property="article:published_time" content="2025-06-02T09:30:00+02:00">',
        '<meta name="DC.date.issued" content="2025-06-02T07:30:00Z">',
        '<meta name="parsely-pub-date" content="2025-06-02T07:30:00.000Z">',
        '<meta name="cXenseParse:recs:publishtime" content="2025-06-02T07:30:00Z">',
        '<meta itemprop="datePublished" content="2025-06-02 07:30:00 +0000">',
        '<meta name="sailthru.date" content="Mon, 02 Jun 2025 07:30:00 +0000">',
        '<meta name="published_at" content="1748849400">',
        '<meta name="date" content="1748849400000">',
    ],
)
def test_dates_for_machines_are_read(head):
    published = known(head).published
    assert parse_date(published).isoformat() == "2025-06-02T07:30:00Z"


@pytest.mark.parametrize(
    ("stated", "read"),
    [
        ("20250602", "2025-06-02"),
        ("20250602073000", "2025-06-02"),
        ("2025/06/02", "2025-06-02"),
        ("2025/6/2 07:30:00 +0000", "2025-06-02T07:30:00Z"),
        ("2025年6月2日", "2025-06-02"),
        ("2025-06-02 07:30:00 UTC", "2025-06-02T07:30:00Z"),
        ("2025-06-02T09:30:00+02:00[Europe/Paris]", "2025-06-02T07:30:00Z"),
        ("Mon Jun 02 07:30:00 EST 2025", "2025-06-02"),
        ("June 2, 2025, 3:30 a.m. ET", "2025-06-02T07:30:00Z"),
    ],
)
def test_odd_forms_become_dates(stated, read):
    assert parse_date(machine_date(stated)).isoformat() == read


@pytest.mark.parametrize("stated", ["", "yesterday", "99999999999", "2025", "0", "2025-13-40", "—"])
def test_what_is_no_date_is_none(stated):
    assert best_date([stated]) is None


@given(st.text(max_size=40) | st.integers(0, 10**14).map(str))
def test_no_date_raises(stated):
    found = best_date([stated])
    assert found is None or parse_date(found) is not None


def test_the_time_is_taken_from_whichever_form_gives_it():
    day = linked({**ARTICLE, "datePublished": "2025-06-02"})
    exact = '<meta property="article:published_time" content="2025-06-02T09:30:00+02:00">'
    other = '<meta name="date" content="2025-06-19T12:00:00Z">'
    assert known(day + exact).published == "2025-06-02T09:30:00+02:00"
    assert known(day + other).published == "2025-06-02"


def test_a_time_beside_the_headline_counts_and_those_of_other_articles_do_not():
    stamp = '<h1>Bridge</h1><time datetime="2025-06-02T09:30:00Z">today</time>'
    others = (
        '<aside><time datetime="2019-01-01">then</time></aside>'
        '<ul><li><time datetime="2018-01-01">before</time></li></ul>'
    )
    assert known(body=stamp + WORDS + others).published == "2025-06-02T09:30:00Z"
    assert known(body=WORDS + others).published is None
    two = stamp + '<time datetime="2025-05-01T00:00:00Z">before</time>'
    assert known(body=two + WORDS).published is None


# -- titles -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Swing bridge to close | Meridian Wire", "Swing bridge to close"),
        ("Swing bridge to close - The Meridian Wire", "Swing bridge to close"),
        ("Swing bridge to close — meridianwire.example", "Swing bridge to close"),
        ("Meridian Wire: Swing bridge to close", "Swing bridge to close"),
        ("Swing bridge to close - Harbour - Meridian Wire", "Swing bridge to close - Harbour"),
        ("Ferries - a history | Meridian Wire", "Ferries - a history"),
        ("Meridian Wire", "Meridian Wire"),
    ],
)
def test_the_title_of_the_document_loses_the_outlet(title, expected):
    head = f'<title>{title}</title><meta property="og:site_name" content="Meridian Wire">'
    assert known(head).title == expected


def test_a_title_keeps_what_is_no_outlet():
    assert without_outlet("Swing bridge - what we know", ["Meridian Wire"]) == (
        "Swing bridge - what we know"
    )


def test_the_heading_is_the_title_where_the_document_says_it_too():
    head = "<title>Swing bridge to close in June, council says_Harbour_Ellery</title>"
    body = "<h1>Meridian</h1><h1>Swing bridge to close in June, council says</h1>" + WORDS
    assert known(head, body).title == "Swing bridge to close in June, council says"


@pytest.mark.parametrize("cut", ["Swing bridge to close in Jun", "Swing bridge to close in…"])
def test_a_headline_that_was_cut_off_is_completed(cut):
    head = f'<meta property="og:title" content="{cut}">'
    body = "<h1>Swing bridge to close in June</h1>" + WORDS
    assert known(head, body).title == "Swing bridge to close in June"


def test_a_headline_of_its_own_is_not_replaced_by_a_longer_one():
    head = '<meta property="og:title" content="Swing bridge"><title>Swing bridge to close</title>'
    assert known(head).title == "Swing bridge"


# -- people -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        (["By Ilse Tarrant and Bo Lund"], ("Ilse Tarrant", "Bo Lund")),
        (["ILSE TARRANT"], ("Ilse Tarrant",)),
        (["Ilse Tarrant", "Ilse  tarrant"], ("Ilse Tarrant",)),
        (["Ilse Tarrant, Senior Reporter"], ("Ilse Tarrant",)),
        (["Tarrant, Ilse"], ("Ilse Tarrant",)),
        (["Ilse Tarrant (https://people.example/ilse)"], ("Ilse Tarrant",)),
        (["https://people.example/ilse", "ilse@meridianwire.example", "@ilse"], ()),
        (["Staff", "Our Foreign Staff", "Meridian Wire", "admin", "The Editorial Board"], ()),
        (["Mark Di Renzo; J. R. O’Hara & Ana-Lucía Ortiz"],
         ("Mark Di Renzo", "J. R. O’Hara", "Ana-Lucía Ortiz")),
        (["山田太郎"], ("山田太郎",)),
    ],
)  # fmt: skip
def test_authors_are_people(stated, expected):
    found = people([" ".join(one.split()) for one in stated], ["Meridian Wire"])
    assert found == expected


def test_authors_come_from_metas_microdata_and_links():
    assert known('<meta name="byl" content="By ILSE TARRANT">').authors == ("Ilse Tarrant",)
    item = '<span itemprop="author"><b itemprop="name">Bo Lund</b>, reporter</span>'
    assert known(body=item + WORDS).authors == ("Bo Lund",)
    assert known(body='<a rel="author" href="/x">Ana Holm</a>' + WORDS).authors == ("Ana Holm",)


# -- the rest -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("canonical", "fetched", "expected"),
    [
        ("/2025/06/bridge", URL, "https://www.meridianwire.example/2025/06/bridge"),
        ("https://meridianwire.example/a", URL, "https://meridianwire.example/a"),
        ("https://m.meridianwire.example/a", URL, "https://m.meridianwire.example/a"),
        ("https://other.example/a", URL, URL),
        ("https://www.meridianwire.example/", URL, URL),
        ("javascript:alert(1)", URL, URL),
        ("https://[broken", URL, URL),
        ("https://other.example/a", None, "https://other.example/a"),
        ("/2025/06/bridge", None, None),
    ],
)
def test_the_canonical_address_counts_where_it_may_be_that_of_the_page(
    canonical, fetched, expected
):
    assert known(f'<link rel="canonical" href="{canonical}">', url=fetched).url == expected


def test_an_address_is_no_name_of_an_outlet():
    head = (
        '<meta property="og:site_name" content="http://www.meridianwire.example">'
        '<meta name="application-name" content="Meridian Wire">'
    )
    assert known(head).source == "Meridian Wire"
    assert known('<meta property="og:site_name" content="https://x.example">').source is None


def test_section_and_language_are_words_and_tags():
    head = (
        '<meta property="article:section" content="/world/harbour">'
        '<meta name="section" content="Harbour"><meta property="og:locale" content="en_GB">'
    )
    page = known(head)
    assert (page.section, page.language) == ("Harbour", "en-GB")
    assert known(html='<html lang="de">').language == "de"
    assert known(html='<html lang="no language at all">').language is None


def test_a_page_that_states_nothing_leaves_everything_open():
    page = known(url=None)
    assert page.title is None
    assert page.published is None
    assert page.modified is None
    assert (page.url, page.source, page.section, page.authors) == (None, None, None, ())
