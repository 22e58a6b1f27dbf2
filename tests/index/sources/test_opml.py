"""Lists of feeds in and out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import UnreadableSource
from index.sources.feeds.opml import ListedFeed, read_opml, write_opml

NESTED = b"""<?xml version="1.0"?><opml version="1.0"><head><title>Mine</title></head><body>
<outline text="News"><outline text="Wires">
  <outline type="rss" text="Meridian" title="Meridian Wire" xmlUrl="https://mw.example/feed"/>
</outline><outline TEXT="NGB" XMLURL="feed://ngb.example/rss"/></outline>
<outline text="Again" xmlUrl="https://mw.example/feed"/>
<outline text="A folder"/><outline xmlUrl="javascript:alert(1)"/><outline xmlUrl=""/>
</body></opml>"""


def test_outlines_within_outlines():
    assert read_opml(NESTED, "x") == [
        ListedFeed("https://mw.example/feed", "Meridian Wire"),
        ListedFeed("http://ngb.example/rss", "NGB"),
    ]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no OPML"),
        (b"<rss/>", "no OPML"),
        (b"words", "no OPML"),
        (b"<opml><body><outline text='x'/></body></opml>", "no feed"),
    ],
)
def test_what_lists_no_feeds_is_refused(data, reason):
    with pytest.raises(UnreadableSource, match=reason):
        read_opml(data, "x")


def test_an_entity_bomb_stays_small():
    bomb = b'<!DOCTYPE opml [<!ENTITY a "' + b"ha" * 99 + b'"><!ENTITY b "' + b"&a;" * 99 + b'">]>'
    opml = bomb + b'<opml><body><outline text="&b;" xmlUrl="https://mw.example/"/></body></opml>'
    assert all(len(feed.title or "") <= 200 for feed in read_opml(opml, "x"))


titles = st.none() | st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Z", "Cn", "Co")),
    min_size=1,
    max_size=40,
)


@given(st.dictionaries(st.integers(0, 999), titles, min_size=1))
def test_what_is_written_can_be_read_back(named):
    feeds = [ListedFeed(f"https://mw.example/?a=1&n={n}", title) for n, title in named.items()]
    back = read_opml(write_opml(feeds).encode(), "x")
    assert back == [ListedFeed(f.url, f.title or f.url) for f in feeds]
