"""Where the markers of an answer stand, and what they point to. Pure.

Chat pages count the sources that they group by address or title, and look `[n]` up in that
count. So that it never shifts, a further quotation of an article gets an address of its own,
with the words to scroll to, and a title of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from api.openai.replies import Annotation, UrlCitation
from index.documents import ArticleRef
from rag.answers import Answer, Citation

_MARKER = re.compile(r"\[(\d{1,3})\]")
# A text fragment names the first and the last so many words of a quotation.
_FRAGMENT_WORDS = 5

Address = Callable[[ArticleRef], str]


@dataclass(frozen=True, slots=True)
class Source:
    """What a marker points to: address and title are of no other marker."""

    marker: int
    url: str
    title: str
    passage: str


def sources(answer: Answer, address: Address) -> list[Source]:
    """What each marker points to, in the order of their numbers.

    `address` tells where Dateline itself shows an article, for those without a URL.
    """
    passages = {hit.passage.id: hit.passage.text for hit in answer.hits}
    found: list[Source] = []
    for citation in answer.citations:
        title = " ".join(citation.article.title.split())
        url = citation.article.url or address(citation.article)
        if any(source.title == title for source in found):
            title = f"{title} [{citation.marker}]"
        if any(source.url == url for source in found):
            url = scrolled_to(url, citation.quote)
        passage = passages.get(citation.passage_id, citation.quote)
        found.append(Source(citation.marker, url, title, passage))
    return found


def scrolled_to(url: str, words: str) -> str:
    """The address with a text fragment, by which browsers scroll to the words."""
    parts = words.split()
    ends = [parts]
    if len(parts) > 2 * _FRAGMENT_WORDS:
        ends = [parts[:_FRAGMENT_WORDS], parts[-_FRAGMENT_WORDS:]]
    named = ",".join(quote(" ".join(end), safe="").replace("-", "%2D") for end in ends)
    return f"{url}{'' if '#' in url else '#'}:~:text={named}"


def url_citations(text: str, answer: Answer, address: Address) -> list[Annotation]:
    """One for each marker in the text, in its order; offsets count code points."""
    known = {source.marker: source for source in sources(answer, address)}
    return [
        Annotation(
            url_citation=UrlCitation(
                start_index=start, end_index=end, url=known[n].url, title=known[n].title
            )
        )
        for n, start, end in markers(text, answer.citations)
    ]


def markers(text: str, citations: tuple[Citation, ...]) -> list[tuple[int, int, int]]:
    """Number, start and end of each marker; brackets inside a quotation are none."""
    quoted: list[tuple[int, int]] = []
    cursor = 0
    for citation in citations:
        at = text.find(f"{citation.quote} [{citation.marker}]", cursor)
        if at >= 0:
            cursor = at + len(citation.quote)
            quoted.append((at, cursor))
    numbers = {citation.marker for citation in citations}
    return [
        (int(match[1]), *match.span())
        for match in _MARKER.finditer(text)
        if int(match[1]) in numbers
        and not any(start <= match.start() < end for start, end in quoted)
    ]


def source_event(source: Source, confidence: float) -> dict[str, Any]:
    """The event by which Open WebUI shows a passage."""
    return {
        "event": {
            "type": "source",
            "data": {
                "source": {"name": source.title, "url": source.url},
                "document": [source.passage],
                "metadata": [{"source": source.url, "name": source.title, "url": source.url}],
                "distances": [round(confidence, 4)],
            },
        }
    }
