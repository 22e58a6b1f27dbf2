"""Cuts an article into passages: whole sentences that follow each other.

Where to cut is the least costly way over the whole article, found by dynamic
programming as a typesetter breaks lines: passages near the target size, of even
length, that end with a paragraph. Knows no model: a counter of tokens is handed in.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace

from index.documents import Article, ArticleRef, Passage, PublicationDate, Sentence
from index.prepare.mentions import date_mentions
from index.prepare.sentences import split_sentences
from index.prepare.units import TokenCounter, Unit, fit_sentences

# Rules of cutting; raise it when the same settings would give other passages. 2: sentences
# carry the days that their words name.
CHUNKER_VERSION = 2

# Code points of the title, decomposed, that the header keeps: no tokenizer of the
# BERT family makes more tokens than that of it.
MAX_TITLE_CHARS = 120
# What a header may leave of the window at the least, in tokens.
MIN_PASSAGE_TOKENS = 32
# Bounds the search for cuts in a text of one-word sentences.
MAX_PASSAGE_SENTENCES = 64
# What it costs to end a passage inside a paragraph; a passage of half the target size
# costs 0.25. Over 304 news articles, 77 % of passages end with a paragraph at 0.1 (55 %
# at 0, 85 % at 0.4) and hold 138.5 tokens on average (139.4 at 0, 132.5 at 0.4).
INSIDE_PARAGRAPH_COST = 0.1

# fmt: off
_MONTHS = (  # strftime would follow the locale
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)
# fmt: on


@dataclass(frozen=True, slots=True)
class ChunkSettings:
    """Sizes in the embedder's own tokens.

    A passage of several sentences has at most `max_tokens`. A single sentence may
    have as many as the window leaves; a longer one is cut at a clause or a space.
    """

    max_tokens: int = 160
    window_tokens: int = 256
    special_tokens: int = 2
    version: int = CHUNKER_VERSION

    def __post_init__(self) -> None:
        if not MIN_PASSAGE_TOKENS <= self.max_tokens <= self.window_tokens - self.special_tokens:
            raise ValueError(
                f"max_tokens is {self.max_tokens}; it must lie between {MIN_PASSAGE_TOKENS} and "
                f"{self.window_tokens - self.special_tokens}, what the window holds"
            )

    def fingerprint(self) -> str:
        """Tagged hash of the settings, for the manifest."""
        settings = json.dumps(asdict(self), sort_keys=True)
        return "sha256:" + hashlib.sha256(settings.encode()).hexdigest()


DEFAULT_SETTINGS = ChunkSettings()


def chunk(
    article: Article,
    *,
    count_tokens: TokenCounter,
    settings: ChunkSettings = DEFAULT_SETTINGS,
) -> tuple[Passage, ...]:
    """Return the passages of `article`, in order; none when it holds no text.

    Every sentence lies in exactly one passage; a sentence that had to be cut
    counts as several. With its header and special tokens a passage fits the
    window, if the counts of neighbouring texts add up to the count of both.
    """
    sentences = split_sentences(article.text)
    if not sentences:
        return ()
    header, *counts = count_tokens([_header(article.ref), *(s.text for s in sentences)])
    room = settings.window_tokens - settings.special_tokens - header
    room = max(room, MIN_PASSAGE_TOKENS)
    limit = min(settings.max_tokens, room)
    units = fit_sentences(
        article.text, sentences, counts, target=limit, room=room, count_tokens=count_tokens
    )
    return tuple(_passages(article, units, cuts(units, limit)))


def embedding_text(article: ArticleRef, passage: Passage) -> str:
    """What the embedder reads of a passage: its article's title and date, then its text."""
    header = _header(article)
    return f"{header}\n{passage.text}" if header else passage.text


def _header(article: ArticleRef) -> str:
    """Title (unless it was taken from the text) and day, one to a line."""
    lines = [] if article.title_is_derived else [_shorten(article.title)]
    if article.dated:
        lines.append(_day(article.dated))
    return "\n".join(line for line in lines if line)


def _shorten(title: str) -> str:
    title = " ".join(title.split())
    while len(unicodedata.normalize("NFD", title)) > MAX_TITLE_CHARS:
        word = title[:MAX_TITLE_CHARS].rfind(" ")
        title = title[: word if word > 0 else min(len(title) - 1, MAX_TITLE_CHARS)]
    return title


def _day(date: PublicationDate) -> str:
    return f"{date.at.day} {_MONTHS[date.at.month - 1]} {date.at.year}"


def cuts(units: Sequence[Unit], limit: int) -> list[tuple[int, int]]:
    """The least costly runs of units, as half-open ranges; the earliest of equal ones.

    A run holds at most `limit` tokens, or one unit.
    """
    best = [0.0] + [float("inf")] * len(units)
    begin_of = [0] * (len(units) + 1)
    for begin in range(len(units)):
        for end, cost in _runs(units, begin, limit):
            if best[begin] + cost < best[end]:
                best[end], begin_of[end] = best[begin] + cost, begin
    ranges: list[tuple[int, int]] = []
    end = len(units)
    while end:
        ranges.append((begin_of[end], end))
        end = begin_of[end]
    return ranges[::-1]


def _runs(units: Sequence[Unit], begin: int, limit: int) -> Iterator[tuple[int, float]]:
    """Ends and costs of the passages that may begin at a unit."""
    tokens = 0
    for end in range(begin, min(begin + MAX_PASSAGE_SENTENCES, len(units))):
        unit = units[end]
        tokens += unit.tokens
        if end > begin and (tokens > limit or unit.glued):
            return
        missing = max(0.0, 1 - tokens / limit)
        yield end + 1, missing**2 + (0 if unit.ends_paragraph else INSIDE_PARAGRAPH_COST)


def _passages(
    article: Article, units: Sequence[Unit], ranges: list[tuple[int, int]]
) -> Iterator[Passage]:
    text_hash = hashlib.sha256(article.text.encode()).hexdigest()
    for ordinal, (begin, end) in enumerate(ranges):
        start, stop = units[begin].sentence.start, units[end - 1].sentence.end
        yield Passage(
            id=_passage_id(article.ref.id, text_hash, start, stop),
            article_id=article.ref.id,
            version=article.ref.version,
            ordinal=ordinal,
            start=start,
            end=stop,
            text=article.text[start:stop],
            sentences=tuple(_dated(unit.sentence, article.ref) for unit in units[begin:end]),
        )


def _dated(sentence: Sentence, article: ArticleRef) -> Sentence:
    """`sentence` with the days that its words name, where the article's own is known."""
    if not article.dated or not (dates := date_mentions(sentence, article.dated)):
        return sentence
    return replace(sentence, dates=dates)


def _passage_id(article_id: str, text_hash: str, start: int, end: int) -> str:
    key = "\n".join((article_id, text_hash, str(start), str(end)))
    return "p" + hashlib.sha256(key.encode()).hexdigest()[:20]
