"""What a model is shown: numbered passages, one voice for each story, orders left out.

Pure, but for the store's word on which articles are copies of which. Numbers count from 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

from index.documents import ArticleRef, Passage
from index.search import Scored
from rag.grounding.evidence import Evidence
from rag.writing.orders import is_order, speaks_to_a_model

# More passages make small models worse and every model slower.
MOST_PASSAGES = 8
# Of one article.
MOST_OF_AN_ARTICLE = 3


@dataclass(frozen=True, slots=True)
class Shown:
    """A passage as a model sees it, under its number.

    `text` is as long as the passage's: sentences that order something are blanks in it.
    `part` is the outlet that it is to speak for, of several heard.
    """

    number: int
    passage: Passage
    article: ArticleRef
    text: str
    part: str | None = None

    @property
    def title(self) -> str:
        """The title, empty where there is none or it orders or asks something."""
        title = self.article.title
        return "" if self.article.title_is_derived or is_order(title) else title

    @property
    def evidence(self) -> Evidence:
        """What statements are held against."""
        return Evidence(self.text, self.title, self.article.dated)


@dataclass(frozen=True, slots=True)
class Context:
    """The passages that are shown, and how many of their sentences are not."""

    shown: tuple[Shown, ...]
    neutralised: int

    def numbered(self, number: int) -> Shown | None:
        """The passage of a number, None where there is no such."""
        return self.shown[number - 1] if 1 <= number <= len(self.shown) else None


def context_of(
    found: Sequence[tuple[str | None, Sequence[Scored]]],
    copies: Callable[[str], Iterable[ArticleRef]],
    fits: Callable[[Shown], bool],
) -> Context:
    """The best passages that fit.

    Args:
        found: for each part of the question its outlet, if any, and what was found.
        copies: the other articles that carry the text of one.
        fits: whether there is room for one more; told each passage once, in order.
    """
    shown: list[Shown] = []
    neutralised = 0
    for part, scored in _one_voice(_in_turn(found), copies):
        text, orders = without_orders(scored.passage)
        if not text.strip():
            neutralised += orders
            continue
        one = Shown(len(shown) + 1, scored.passage, scored.article, text, part)
        if not fits(one):
            break
        shown.append(one)
        neutralised += orders
        if len(shown) == MOST_PASSAGES:
            break
    return Context(tuple(shown), neutralised)


def without_orders(passage: Passage) -> tuple[str, int]:
    """The passage's text with blanks for sentences that order something, and how many did.

    What follows words to a model on the same line belongs to them.
    """
    text, count = passage.text, 0
    blanked_to = -1
    for sentence in passage.sentences:
        start, end = sentence.start - passage.start, sentence.end - passage.start
        to_a_model = speaks_to_a_model(sentence.text)
        if not (to_a_model or start < blanked_to or is_order(sentence.text)):
            continue
        if to_a_model:
            line_end = passage.text.find("\n", end)
            blanked_to = line_end if line_end >= 0 else len(passage.text)
        text = text[:start] + " " * (end - start) + text[end:]
        count += 1
    return text, count


def _in_turn(
    found: Sequence[tuple[str | None, Sequence[Scored]]],
) -> Iterator[tuple[str | None, Scored]]:
    rows = [[(part, one) for one in scored if one.reading] for part, scored in found]
    return (one for one in chain.from_iterable(zip_longest(*rows)) if one is not None)


def _one_voice(
    found: Iterable[tuple[str | None, Scored]], copies: Callable[[str], Iterable[ArticleRef]]
) -> Iterator[tuple[str | None, Scored]]:
    """Without passages seen before, copies of an article taken, and too many of one."""
    taken: dict[str, int] = {}
    others: set[str] = set()
    seen: set[str] = set()
    for part, scored in found:
        article = scored.article.id
        if article in others or scored.passage.id in seen:
            continue
        if taken.get(article, 0) == MOST_OF_AN_ARTICLE:
            continue
        if article not in taken:
            others |= {ref.id for ref in (*scored.copies, *copies(article))} - taken.keys()
        taken[article] = taken.get(article, 0) + 1
        seen.add(scored.passage.id)
        yield part, scored
