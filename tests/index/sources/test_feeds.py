"""Feeds of every kind become entries; what is broken is read as far as it goes, or refused."""

import gzip
import json
import random
import time

import pytest

from benchmarks.feeds import MUTATIONS, outcome
from index.errors import EmptySource, UnreadableSource
from index.sources.feeds import feed_to_raws, looks_like_feed, parse_feed
from index.sources.payload import Payload
from tests.conftest import SHARED

FEED_URL = "https://meridianwire.example/feeds/world.xml"
WORDS = "Harbour pilots refused to board the freighter. "
LONG = WORDS * 40

RSS = f"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
     xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/">
<channel><title>Meridian Wire &amp; World</title><link>https://meridianwire.example/</link>
<language>en_GB</language><ttl>30</ttl>
<item><title>Pilots &amp;amp; port</title><link>/2025/orlanda?a=1&amp;b=2</link>
  <guid isPermaLink="false">mw-1</guid><pubDate>Mon, 02 Jun 2025 10:30:00 +0200</pubDate>
  <category domain="https://x.example/">https://x.example/</category><category>World</category>
  <dc:creator>Ilse Tarrant</dc:creator><description>Pilots refuse a ship.</description>
  <content:encoded><![CDATA[<p>{LONG}</p><p>Second&nbsp;part.</p>]]></content:encoded>
  <media:group><media:title>A picture</media:title></media:group></item>
<item><title>Ferry late</title><guid>https://meridianwire.example/2025/ferry</guid>
  <description>&lt;p&gt;The ferry was late. Continue reading…&lt;/p&gt;</description>
  <dc:date>2025-06-01</dc:date></item>
</channel></rss>"""

ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en" xml:base="https://ngb.example/x/">
<title type="html">NGB &lt;b&gt;News&lt;/b&gt;</title><author><name>The Desk</name></author>
<link rel="self" href="feed"/><link href="https://ngb.example/"/>
<entry><id>tag:ngb.example,2025:1</id><title>Line charged</title>
  <link rel="enclosure" href="https://ngb.example/a.mp3"/>
  <link rel="alternate" type="text/html" href="brannoch"/>
  <updated>2025-06-02T09:00:00Z</updated><published>2025-06-01T09:00:00Z</published>
  <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>{LONG}</p></div></content>
</entry></feed>"""

RDF = """<?xml version="1.0"?>
<!-- an old one --><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://old.example/"><title>Old</title><link>https://old.example/</link></channel>
<item rdf:about="https://old.example/1"><title>One</title><link>https://old.example/1</link>
<description>Short.</description><dc:date>2025-05-30T12:00:00+01:00</dc:date></item></rdf:RDF>"""

JSON = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Halverston Post",
        "home_page_url": "https://halverston.example/",
        "items": [
            {
                "id": 7,
                "url": "https://halverston.example/7",
                "title": "Seven",
                "content_html": f"<p>{LONG}</p>",
                "date_published": "2025-06-01T08:00:00Z",
                "authors": [{"name": "Ada Quill"}],
                "tags": ["Local"],
            },
            {"id": "8", "url": "/8", "content_text": 5, "summary": "Eight \ud800 in short."},
            "no item",
        ],
    }
)


def parse(document, **about):
    data = document if isinstance(document, bytes) else document.encode()
    return parse_feed(Payload("feed", data, **({"url": FEED_URL} | about)))


def rss(inside="", prolog='<?xml version="1.0"?>'):
    return f'{prolog}<rss version="2.0"><channel><title>T</title>{inside}</channel></rss>'


def item(**elements):
    return (
        f"<item>{''.join(f'<{name}>{value}</{name}>' for name, value in elements.items())}</item>"
    )


# -- every kind ---------------------------------------------------------------------------


def test_rss():
    feed = parse(RSS)
    assert (feed.title, feed.language, feed.ttl_s) == ("Meridian Wire & World", "en-GB", 1_800)
    full, part = feed.entries
    assert full.guid == "mw-1"
    assert full.url == "https://meridianwire.example/2025/orlanda?a=1&b=2"
    assert full.title == "Pilots & port"
    assert full.published == "2025-06-02T08:30:00Z"
    assert (full.authors, full.section) == (("Ilse Tarrant",), "World")
    assert full.text.endswith("Second\xa0part.") or full.text.endswith("Second part.")
    assert not full.is_summary
    assert part.url == part.guid == "https://meridianwire.example/2025/ferry"
    assert part.published == "2025-06-01"
    assert part.text == "The ferry was late. Continue reading…"
    assert part.is_summary


def test_atom():
    feed = parse(ATOM)
    assert (feed.title, feed.url) == ("NGB News", "https://ngb.example/x/feed")
    (entry,) = feed.entries
    assert entry.guid == "tag:ngb.example,2025:1"
    assert entry.url == "https://ngb.example/x/brannoch"
    assert (entry.published, entry.modified) == ("2025-06-01T09:00:00Z", "2025-06-02T09:00:00Z")
    assert entry.authors == ("The Desk",)
    assert entry.text == LONG.strip()
    assert not entry.is_summary


def test_rss_1():
    (entry,) = parse(RDF).entries
    assert (entry.url, entry.published) == ("https://old.example/1", "2025-05-30T11:00:00Z")
    assert entry.modified is None


def test_json_feed():
    feed = parse(JSON)
    assert feed.title == "Halverston Post"
    seven, eight = feed.entries
    assert (seven.guid, seven.section, seven.authors) == ("7", "Local", ("Ada Quill",))
    assert seven.text == LONG.strip()
    assert not seven.is_summary
    assert (eight.url, eight.text) == ("https://halverston.example/8", "Eight � in short.")
    assert eight.is_summary


@pytest.mark.parametrize("document", [RSS, ATOM, RDF, JSON, rss()])
def test_feeds_are_told_by_their_content(document):
    for data in (
        document.encode(),
        b"\xef\xbb\xbf  \n" + document.encode(),
        document.encode("utf-16"),
    ):
        assert looks_like_feed(data[:4096])
    assert looks_like_feed(b"<!-- " + b"x" * 500 + b" -->" + document.encode()) or document is JSON


@pytest.mark.parametrize(
    "document",
    [
        "",
        "<!DOCTYPE html><html><head><title>rss</title></head></html>",
        '<?xml version="1.0"?><opml><body/></opml>',
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><a/></rdf:RDF>',
        '{"text": "A record, which is no feed."}',
        "The harbour bridge reopened. <rss> is mentioned.",
        "rss feed atom",
    ],
)
def test_other_documents_are_not_taken_for_feeds(document):
    assert not looks_like_feed(document.encode())


# -- what feeds get wrong -------------------------------------------------------------------


def test_markup_that_is_escaped_twice_is_text():
    (entry,) = parse(
        rss(
            item(title="A", description="&amp;lt;p&amp;gt;Fog &amp;amp;amp; rain&amp;lt;/p&amp;gt;")
        )
    ).entries
    assert entry.text == "Fog & rain"


def test_text_that_shows_markup_keeps_it():
    (entry,) = parse(
        rss(item(title="A", description="&lt;p&gt;Write &amp;lt;b&amp;gt; for bold&lt;/p&gt;"))
    ).entries
    assert entry.text == "Write <b> for bold"


def test_one_guid_for_several_articles():
    items = [
        item(guid="x", title=f"T{i}", link=f"https://a.example/{i}", description=WORDS)
        for i in range(3)
    ]
    entries = parse(rss("".join(items + items[:1]))).entries
    assert len({entry.guid for entry in entries}) == len(entries) == 3


def test_the_home_page_is_no_articles_address():
    items = [item(guid=g, title=g, link="https://a.example/", description=WORDS) for g in "ab"]
    assert [entry.url for entry in parse(rss("".join(items))).entries] == [None, None]


@pytest.mark.parametrize(
    "url", ["tag:a.example,2025:1", "javascript:alert(1)", "file:///etc/x", "http://", "ht tp://x"]
)
def test_what_is_no_web_address_is_no_url(url):
    (entry,) = parse(rss(item(title="A", link=url, description=WORDS)), url=None).entries
    assert entry.url is None


@pytest.mark.parametrize(
    ("said", "published"),
    [
        ("Mon, 02 Jun 2025 10:00:00 EST", "2025-06-02T15:00:00Z"),
        ("2025-06-02T10:00:00+02:00", "2025-06-02T08:00:00Z"),
        ("2025-06-02", "2025-06-02"),
        ("yesterday", "yesterday"),
    ],
)
def test_dates_are_utc_and_never_guessed(said, published):
    (entry,) = parse(rss(item(title="A", pubDate=said, description=WORDS))).entries
    assert entry.published == published


def test_a_date_that_changes_matters_only_for_a_summary():
    def hashed(text, updated):
        document = ATOM.replace(LONG, text).replace("2025-06-02T09", updated)
        return parse(document).entries[0].content_sha256

    assert hashed(LONG, "2025-06-02T09") == hashed(LONG, "2025-06-03T09")
    assert hashed("Short.", "2025-06-02T09") != hashed("Short.", "2025-06-03T09")


# -- what is broken -------------------------------------------------------------------------


def test_a_document_that_is_cut_short_gives_what_it_holds():
    assert len(parse(RSS[: RSS.index("<dc:date>")]).entries) == 2
    assert len(parse(RSS[: RSS.index("Ferry")]).entries) == 1


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("utf-8", "cp1252"),
        ("iso-8859-1", "utf-8"),
        ("windows-1251", "windows-1251"),
        ("no-such", "utf-8"),
    ],
)
def test_encodings_that_are_not_the_declared_ones(declared, encoding):
    word = "Überfahrt" if encoding != "windows-1251" else "Паром"
    document = rss(
        item(title=word, description=WORDS), f'<?xml version="1.0" encoding="{declared}"?>'
    )
    assert parse(document.encode(encoding)).entries[0].title == word


def test_stray_ampersands_named_characters_and_undeclared_prefixes():
    inside = (
        "<item><title>Tom & Jo&eacute;l&mdash;AT&T</title><link>https://a.example/?x=1&y=2</link>"
        "<content:encoded>Fish &amp; chips&nbsp;for all</content:encoded><odd:x/></item>"
    )
    (entry,) = parse(rss(inside)).entries
    assert entry.title == "Tom & Joél—AT&T"
    assert entry.url == "https://a.example/?x=1&y=2"
    assert entry.text.startswith("Fish & chips")


def test_references_to_no_character_and_floods_of_prefixes():
    flood = "".join(f"<p{i}:x p{i}:y='1'/>" for i in range(300))
    inside = f"<item><title>A&#0;B&#x1F;C&#xFFFFFF;D&#233;</title>{flood}</item>"
    (entry,) = parse(rss(inside)).entries
    assert entry.title == "ABCDé"


def test_markup_that_is_part_of_the_document():
    inside = "<description>One<p>two <b>three</b></p>&lt;p&gt;four&lt;/p&gt;</description>"
    (entry,) = parse(rss(f"<item><title>A</title>{inside}</item>")).entries
    assert entry.text.split() == ["One", "two", "three", "four"]


def test_control_characters_and_warnings_before_the_document():
    document = "<br />\n<b>Warning</b>: no such file\n" + RSS.replace("Pilots", "Pi\x00lo\x0bts")
    assert parse(document).entries[0].title == "Pilots & port"


def test_gzip_is_unpacked_within_limits():
    assert len(parse(gzip.compress(RSS.encode())).entries) == 2
    for bad in (gzip.compress(RSS.encode())[:40] + b"xxxx", gzip.compress(b" " * 30_000_000)):
        with pytest.raises(UnreadableSource, match="gzip"):
            parse(bad)


@pytest.mark.parametrize(
    "definitions",
    [
        '<!ENTITY a "ha"><!ENTITY b "&a;&a;">',
        '<!ENTITY a SYSTEM "file:///etc/hostname">',
        '<!ENTITY % a SYSTEM "http://127.0.0.1/x">',
        f'<!ENTITY a "{"ha" * 1000}">',
    ],
)
def test_entities_that_expand_or_reach_out_are_refused_by_name(definitions):
    document = rss(item(title="&a;&b;", description=WORDS), f"<!DOCTYPE rss [{definitions}]>")
    with pytest.raises(UnreadableSource, match="defines"):
        parse(document)


def test_plain_entities_are_read():
    prolog = '<!DOCTYPE rss [<!ENTITY mw "Meridian &#38; Co">]>'
    assert (
        parse(rss(item(title="&mw;", description=WORDS), prolog)).entries[0].title
        == "Meridian & Co"
    )


@pytest.mark.parametrize("tag", ["item", "channel", "author", "x", "title", "description"])
def test_depth_is_bounded(tag):
    started = time.perf_counter()
    deep = f"<{tag}>" * 100_000
    for document in (
        rss(item(title="A", description=WORDS) + deep),
        rss(item(title="A", description=deep)),
    ):
        parse(document)
    assert time.perf_counter() - started < 10


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"   ",
        b"\x00\x01\x02" * 50,
        b"<html></html>",
        b"<rss/>",
        b"{",
        b'{"items": 1}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_feed_is_refused_with_a_reason(document):
    with pytest.raises(UnreadableSource, match=r"\w \w"):
        parse(document)


@pytest.mark.parametrize("kind", MUTATIONS)
def test_no_mutant_crashes(kind):
    chance = random.Random(7)
    documents = [text.encode() for text in (RSS, ATOM, RDF, JSON)]
    for number in range(12):
        mutant = MUTATIONS[kind](documents[number % 4], chance)
        one = outcome(str(number), kind, mutant)
        assert one.crash is None
        assert one.seconds < 10


@pytest.mark.skipif(not SHARED.is_dir(), reason="the development sets are not beside the project")
def test_every_feed_of_the_development_set_is_read_or_refused():
    files = sorted((SHARED / "data" / "feeds-dev").iterdir())
    outcomes = {file.name: outcome(file.name, "whole", file.read_bytes()) for file in files}
    assert [name for name, one in outcomes.items() if one.crash] == []
    refused = [name for name, one in outcomes.items() if one.refusal]
    assert refused == ["notafeed.html", "unrecognized.rss"]
    assert sum(one.entries for one in outcomes.values()) == 829


# -- as articles ---------------------------------------------------------------------------


def test_a_feed_that_is_handed_over_is_its_entries():
    full, part = feed_to_raws(Payload("/news/feed.xml", RSS.encode()))
    assert full.origin == "/news/feed.xml#mw-1"
    assert full.id is None
    assert full.url == "https://meridianwire.example/2025/orlanda?a=1&b=2"
    assert part.text.startswith("The ferry was late.")


def test_an_entry_without_an_address_is_known_by_its_guid():
    one = rss(
        item(guid="n-1", title="A", description=WORDS).replace(
            "<guid>", '<guid isPermaLink="false">'
        )
    )
    (first,) = feed_to_raws(Payload("a", one.encode()))
    (again,) = feed_to_raws(Payload("b", one.replace("freighter", "ship").encode()))
    assert first.id == again.id
    assert first.source == "T"


def test_what_gives_no_article_is_told():
    assert [type(e) for e in feed_to_raws(Payload("a", rss().encode()))] == [EmptySource]
    assert [type(e) for e in feed_to_raws(Payload("a", b"<html/>"))] == [UnreadableSource]
    entry = rss(item(title="A", link="https://a.example/1"))
    assert [type(e) for e in feed_to_raws(Payload("a", entry.encode()))] == [EmptySource]
