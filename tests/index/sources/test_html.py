"""Pages become articles: their words, without what stands around them; hostile ones are refused."""

import statistics
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.extraction import folded, ours, pages, same_date, score
from index.errors import EmptySource, SourceError, UnreadableSource
from index.sources.pages.html import html_text, looks_like_html, page_to_raw
from index.sources.pages.html_blocks import blocks
from index.sources.pages.html_blocks import parse as parse_markup
from index.sources.pages.page_text import Vote, judged
from index.sources.payload import Payload
from tests.conftest import SHARED

URL = "https://www.meridianwire.example/2025/06/bridge"
LEAD = "The council of Port Ellery voted on Tuesday to close the swing bridge for two years."
SECOND = "Ferries will run every ten minutes from June, said Ilse Tarrant, the harbour master."
QUOTE = "“Nobody on the island will have to wait for longer than they do today,” she said."
CLOSING = (
    "The repairs cost 40 million crowns, a third more than the council had set aside in March."
)
CAPTION = "The swing bridge at Port Ellery, built in 1911, seen from the northern quay."
NAVIGATION = ["Home", "World", "Business", "Sport", "Weather", "Subscribe", "Log in"]
OTHERS = [
    "Orlanda elects a mayor",
    "Storm warning for the coast",
    "Rail strike enters a third week",
]


def links(words, where="div"):
    items = "".join(f'<li><a href="/{n}">{word}</a></li>' for n, word in enumerate(words))
    return f"<{where}><ul>{items}</ul></{where}>"


def page(body, head="", lang="en"):
    return f"""<!DOCTYPE html><html lang="{lang}"><head>
      <title>Swing bridge to close | Meridian Wire</title>{head}
      <style>p {{ color: red }}</style><script>var x = "<p>not shown</p>";</script></head>
      <body><header>{links(NAVIGATION, "nav")}</header>{body}
      <footer><p>Copyright 2025 Meridian Wire. All rights reserved.</p></footer></body></html>"""


STORY = f"""<main><article><h1>Swing bridge to close</h1>
  <figure><img src="b.jpg"><figcaption>{CAPTION}</figcaption></figure>
  <p>{LEAD}</p><p>{SECOND}</p><h2>A longer way</h2><p>{QUOTE}</p><p>{CLOSING}</p>
  </article></main><aside><h3>Most read</h3>{links(OTHERS)}</aside>"""


def read(html, *, url=URL, content_type=None):
    data = html if isinstance(html, bytes) else html.encode()
    return page_to_raw(Payload("bridge.html", data, url=url, content_type=content_type))


# -- what is a page -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "head",
    [
        b"<!DOCTYPE html><html>",
        b"\xef\xbb\xbf\r\n<!doctype HTML PUBLIC '-//W3C//DTD XHTML 1.0 Strict//EN'>",
        b"<?xml version='1.0' encoding='utf-8'?>\n<!DOCTYPE html><html xmlns='x'>",
        b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'>",
        b"<!-- saved from somewhere --><!-- twice -->\n<HTML lang=en>",
        b"<!-- " + b"x" * 3000,
        b"<p>A piece of a page.</p>",
        "<html><p>Fähre</p>".encode("utf-16"),
    ],
)
def test_pages_are_known_by_their_beginning(head):
    assert looks_like_html(head)


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"   ",
        b"<?xml version='1.0'?>",
        b"<?xml version='1.0'?><rss version='2.0'><channel><description>&lt;html></description>",
        b"<feed xmlns='http://www.w3.org/2005/Atom'>",
        b"<!DOCTYPE opml><opml version='2.0'><body>",
        b"<!-- x --><rss>",
        b"Text about the <html> element.",
        b"<pilots> refused to board",
        b"%PDF-1.7 <html>",
    ],
)
def test_other_data_is_no_page(head):
    assert not looks_like_html(head)


# -- the text -----------------------------------------------------------------------------


def test_the_article_is_taken_and_what_stands_around_it_is_left():
    raw = read(page(STORY))
    lines = raw.text.split("\n")
    for line in (LEAD, SECOND, QUOTE, CLOSING):
        assert line in lines
    assert lines.index(LEAD) < lines.index("A longer way") < lines.index(CLOSING)
    for other in (*NAVIGATION, *OTHERS, "Most read", "rights reserved", "not shown", "color", "<"):
        assert other not in raw.text
    assert raw.title == "Swing bridge to close"
    assert raw.title not in lines
    assert (raw.origin, raw.url, raw.language) == ("bridge.html", URL, "en")


def test_captions_stay_where_the_region_is_known():
    assert CAPTION in read(page(STORY)).text.split("\n")


def test_comments_of_readers_are_left():
    said = "I have lived on the island since the last ferry strike and believe none of this at all."
    comments = "".join(f"<li class='comment'><p>{said}, number {n}.</p></li>" for n in range(6))
    raw = read(page(f"{STORY}<section id='comments'><ol>{comments}</ol></section>"))
    assert LEAD in raw.text
    assert said not in raw.text


def by_votes(body):
    """What is judged the article, where `v` names the extractors that take a block."""
    tree, _ = parse_markup(f"<html><body>{body}</body></html>")
    cast = [
        Vote(block, "t" in block.element.get("v", ""), "r" in block.element.get("v", ""))
        for block in blocks(tree)
    ]
    return [block.text for block in judged(cast)]


def p(text, votes):
    return f"<p v='{votes}'>{text}</p>"


def test_both_extractors_settle_it():
    assert by_votes(p(LEAD, "tr") + p(SECOND, "") + p(QUOTE, "tr")) == [LEAD, QUOTE]


def test_one_extractor_alone_counts_inside_the_article():
    body = f"<div>{p(LEAD, 'tr')}{p('Short.', 't')}{p(CAPTION, 'r')}{p(CLOSING, 'tr')}</div>"
    assert by_votes(body) == [LEAD, "Short.", CAPTION, CLOSING]


def test_prose_between_headline_and_article_belongs_to_it_and_what_follows_does_not():
    above = f"{p(CAPTION, 't')}<h1>Bridge</h1>{p(SECOND, 't')}{p('Photo: Bo Lund', 't')}"
    body = f"{above}<div>{p(LEAD, 'tr')}{p(QUOTE * 2, 'tr')}</div>{p(CLOSING, 't')}"
    assert by_votes(body) == [SECOND, LEAD, QUOTE * 2]


def test_of_a_fragment_the_rest_is_taken_from_around_it():
    names = [SECOND, QUOTE, CLOSING]
    segments = "".join(f"<div>{p(name * 3, 't')}</div>" for name in names)
    others = f"<div>{p(CAPTION * 4, '')}{p(CAPTION, 't')}</div>"
    body = f"<section><div>{p(LEAD, 'tr')}</div>{segments}</section>{others}"
    assert by_votes(body) == [LEAD, *(name * 3 for name in names)]


def test_a_region_that_only_readability_sees_counts_only_in_the_article():
    elsewhere = f"<div>{p(SECOND * 3, 'r')}</div>"
    body = f"<div>{p(LEAD, 'tr')}{p(CAPTION, 'r')}</div>{elsewhere}"
    assert by_votes(body) == [LEAD, CAPTION]


def test_what_readers_wrote_is_left_but_for_an_article_inside_such_an_element():
    comments = f"<div class='user-comments'>{p(SECOND, 'r')}</div>"
    story = f"<div>{p(LEAD, 'tr')}{p(QUOTE, 'tr')}{p(CAPTION, 'r')}{comments}</div>"
    assert by_votes(story) == [LEAD, QUOTE, CAPTION]
    assert by_votes(f"<div class='has comments'>{story}</div>") == [LEAD, QUOTE, CAPTION]


def test_one_extractor_is_enough_where_the_other_fails():
    assert by_votes(p(LEAD, "t") + p("Short.", "t")) == [LEAD, "Short."]
    assert by_votes(p(LEAD, "r") + p("Short.", "r") + p(QUOTE, "r")) == [LEAD, "Short.", QUOTE]
    assert by_votes(p(LEAD, "")) == []


def test_a_line_break_ends_a_line_only_between_sentences():
    assert html_text("<p>One line.<br>Another<br>goes on<br><br>Third.</p>") == (
        "One line.\nAnother goes on\nThird."
    )


def test_rows_of_data_are_lines_and_tables_for_the_layout_are_not():
    rows = "<table><tr><th>Pier</th><th>Ferries</th></tr><tr><td>North</td><td>12</td></tr></table>"
    layout = "<table><tr><td><p>Left.</p></td><td><p>Right.</p></td></tr></table>"
    assert html_text(rows) == "Pier | Ferries\nNorth | 12"
    assert html_text(layout) == "Left.\nRight."


def test_the_words_of_a_picture_inside_a_paragraph_stand_apart():
    inside = (
        "<p><span class='photo'><img src='a'> © Provided by Meridian</span> The vote was 9-2.</p>"
    )
    assert html_text(inside) == "© Provided by Meridian\nThe vote was 9-2."


def test_a_page_that_its_scripts_build_is_read_from_its_json():
    stated = f"<p>{LEAD}</p><p>{SECOND}</p>".replace('"', "'").replace("/", "\\/")
    linked = f"""<script type="application/ld+json">{{"@context": "https://schema.org",
      "@type": "NewsArticle", "headline": "Bridge", "articleBody": "{stated}"}}</script>"""
    raw = read(f"<html><head>{linked}</head><body><div id=root>Please wait…</div></body></html>")
    assert raw.text == f"{LEAD}\n{SECOND}"


def test_markup_that_is_shown_stays_text():
    shown = f"{LEAD} The tag &lt;b&gt; was visible on the sign."
    assert f"{LEAD} The tag <b> was visible on the sign." in read(page(f"<p>{shown}</p>")).text


# -- encodings ----------------------------------------------------------------------------

CYRILLIC = "Совет Порт-Эллери во вторник проголосовал за ремонт разводного моста. " * 4
GERMAN = "Die Fähre fährt künftig öfter über den Kanal, während die Brücke geprüft wird. " * 4


@pytest.mark.parametrize(
    ("words", "encoding", "content_type", "meta"),
    [
        (CYRILLIC, "cp1251", "text/html; charset=windows-1251", ""),
        (CYRILLIC, "cp1251", "text/html; charset=ISO-8859-1", '<meta charset="windows-1251">'),
        (CYRILLIC, "cp1251", None, ""),
        (CYRILLIC, "koi8-r", None, '<meta http-equiv=x content="text/html; charset=koi8-r">'),
        (CYRILLIC, "utf-8", "text/html; charset=iso-8859-1", '<meta charset="iso-8859-1">'),
        (CYRILLIC, "utf-16", None, ""),
        (GERMAN, "cp1252", None, ""),
        (GERMAN, "latin-1", "text/html; charset=utf-8", ""),
        (GERMAN, "utf-8-sig", "text/html; charset=shift_jis", ""),
        (GERMAN, "utf-8", "text/html; charset=no-such-thing", ""),
    ],
)
def test_the_encoding_that_fits_is_used_whatever_is_said(words, encoding, content_type, meta):
    html = f"<html><head>{meta}</head><body><article><p>{words}</p></article></body></html>"
    assert read(html.encode(encoding), content_type=content_type).text == words.strip()


# -- limits -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "named"),
    [
        ("<html><body>" + "<div>" * 20_000 + LEAD, "deeper than 255"),
        ("<html>" + f"<p>{LEAD}" * 31_000, "elements"),
        ("<html>" + "<p>" * 150_000, "tags"),
        ("<html><p>" + LEAD * 70_000, "characters of markup"),
        ("<html>" + ("<div>" * 90 + "x" + "</div>" * 90) * 300, "deep on average"),
        ("<html>" + " " * 20_000_000, "20,000,006 bytes"),
    ],
)
def test_a_page_that_is_too_much_is_refused_by_name_and_at_once(html, named):
    started = time.process_time()
    with pytest.raises(UnreadableSource, match=named):
        read(html)
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    "html",
    [
        "<html><p " + " ".join(f"a{n}=1" for n in range(500_000)) + f">{LEAD}</p>",
        "<html>" + '<p a="' * 500_000,
        "<html>" + "<a " * 500_000,
        "<html>" + "<!--" * 500_000,
        "<html>" + "<script>" * 500_000,
        "<html><title>" + " - x" * 500_000 + f"</title><p>{LEAD}",
        '<html><script type="application/ld+json">' + "[" * 500_000 + f"</script><p>{LEAD}",
        '<html><script type="application/ld+json">' + '{"a":1,}' * 50_000 + f"</script><p>{LEAD}",
        f'<!DOCTYPE html [<!ENTITY a "{LEAD}"><!ENTITY b "&a;&a;&a;">]><html><p>{LEAD} &b;&b;',
    ],
    ids=["attributes", "quotes", "tags", "comments", "scripts", "title", "lists", "broken", "bomb"],
)
def test_markup_made_to_take_long_takes_no_time(html):
    started = time.process_time()
    try:
        text = read(html).text
    except SourceError:
        text = ""
    assert text.count(LEAD) <= 1
    assert len(html_text(html)) <= len(html)
    assert time.process_time() - started < 5


def test_formatting_that_is_never_closed_costs_no_text():
    text = read(page("<article>" + f"<p><font size=2><b>{LEAD}</p>" * 200 + "</article>")).text
    assert text.count(LEAD) > 190


@pytest.mark.parametrize("html", ["<html></html>", "<html><body><img src=a></body></html>", "<p>"])
def test_a_page_without_an_article_is_refused(html):
    with pytest.raises(EmptySource, match=r"bytes .*save"):
        read(html)


def test_binary_data_is_refused():
    with pytest.raises(UnreadableSource):
        read(b"<html>" + bytes(range(32)) * 100)


# -- fragments ----------------------------------------------------------------------------


def test_a_fragment_becomes_lines():
    fragment = f"""<p>{LEAD}</p><ul><li>One &amp; two</li><li>Three&nbsp;four</li></ul>
      <script>alert(1)</script><style>p{{}}</style><img src="https://t.example/pixel.gif" width=1>
      <h3>Then</h3>Loose <b>bold</b> words<div>block</div> and a tail &#8211; &hellip;"""
    assert html_text(fragment).split("\n") == [
        LEAD, "One & two", "Three four", "Then", "Loose bold words", "block", "and a tail – …",
    ]  # fmt: skip


@pytest.mark.parametrize("fragment", ["", "  ", "<img src=x>", "<!-- c -->", "<script>x", "\x00"])
def test_a_fragment_without_words_is_empty(fragment):
    assert html_text(fragment) == ""


def test_words_deeper_than_the_parser_goes_are_kept():
    assert html_text("<div>" * 3000 + LEAD) == LEAD


MARKUP = st.lists(
    st.one_of(
        st.sampled_from(
            ["<p>", "</p>", "<div class='a'>", "</div>", "<br>", "<td>", "<table>", "<!--", "-->",
             "<script>", "</script>", "<a href='", "'>", "</a>", "<li>", "&amp;", "&#0;",
             "&#x110000;",
             "<", ">", '"', "<svg>", "<pre>", "]]>", "<![CDATA[", "<?xml", "\ud800", "\x00", LEAD]
        ),
        st.text(max_size=8),
    ),
    max_size=40,
).map("".join)  # fmt: skip


@given(MARKUP)
def test_no_fragment_raises(fragment):
    lines = html_text(fragment).split("\n")
    assert lines == [""] or all(line == line.strip() and line for line in lines)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(MARKUP, st.integers(0, 3000), st.integers(0, 3000))
def test_a_damaged_page_is_read_or_refused(junk, start, length):
    html = page(STORY)
    damaged = (html[:start] + junk + html[start + length :]).encode("utf-8", "replace")
    try:
        text = read(damaged).text
    except SourceError as refused:
        text = refused.reason
    assert text.strip()


# -- real pages ---------------------------------------------------------------------------

HTML_DEV = SHARED / "data" / "html-dev"


@pytest.mark.skipif(not HTML_DEV.is_dir(), reason="the pages are not beside the project")
def test_the_quality_measured_on_real_pages_stays():
    chosen = pages(HTML_DEV)
    found = [ours(page) for page in chosen]
    both = list(zip(found, chosen, strict=True))
    assert statistics.fmean(score(one.text, page.text).f1 for one, page in both) > 0.986
    assert min(score(one.text, page.text).f1 for one, page in both) > 0.85
    titles = sum(folded(one.title) == folded(page.title) for one, page in both)
    assert titles >= 0.88 * len(both)
    dated = [(one, page.published) for one, page in both if page.published]
    assert all(same_date(one.published, truth) for one, truth in dated)


def test_the_navigation_of_a_short_page_is_no_text():
    page = """<!doctype html><html><head><title>Bridge shut</title></head><body>
    <nav><a href="/">Home</a> <a href="/world">World</a></nav><article><h1>Bridge shut</h1>
    <p>The harbour bridge at Port Merrow closed on Monday after inspectors found cracks.</p>
    <p>Engineers said the repair would take eleven weeks and cost 4.2 million crowns, which the
    council has not yet found.</p></article></body></html>"""
    text = page_to_raw(Payload("page", page.encode())).text
    assert text.startswith("The harbour bridge")
    assert "World" not in text
