"""Picks the sentences that answer, word for word. Needs no language model.

    1. offers   in each sentence of the passages read, the words that may answer
    2. votes    the same words in several passages count together
    3. score    by the answer it offers, its kind, and where the sentence stands
    4. pick     the best, and up to two more that add something

The cross-encoder has read the passages already: nothing here runs a model.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from index.documents import Query, Sentence
from index.search import Scored, rerank_text
from rag.expect import Expectation, Kind, expectation, offers
from rag.words import normalise

# Passages whose sentences are considered, of those that the cross-encoder read.
READ_PASSAGES = 6
# How far into an article a passage after the first one counts as, in sentences.
LATER_PASSAGE = 3
MAX_SENTENCES = 3
# Further sentences are said down to this distance from the first; when the first is
# sure, only those nearly as good.
MAX_GAP = 6.0
MAX_GAP_WHEN_SURE = 1.0
SURE_VOTE = -0.4
# A further sentence whose best answer lies this far below silence has nothing to add: of
# three sentences 0.3 fewer are said, and as many questions keep their answer.
LEAST_MARGIN = -9.0
# Two sentences that share more of their words than this say the same.
MAX_SHARED_WORDS = 0.6
# A sentence shorter than this carries no statement ("He did.").
MIN_SENTENCE_CHARS = 20
MAX_SENTENCE_CHARS = 1_000
# Answers looked at in each sentence.
_SPANS = 2


@dataclass(frozen=True, slots=True)
class ShortAnswer:
    """The words of a sentence that answer: `article.text[start:end]`.

    `share` is the logarithm of its part of the mass of all answers and of silence, `vote`
    of the part that its words have in all passages read. `margin` is how far its score lies
    above that of silence in its passage.
    """

    start: int
    end: int
    text: str
    share: float
    vote: float
    margin: float


@dataclass(frozen=True, slots=True)
class Signals:
    """What a sentence is chosen by, or the weights of these.

    `margin` and `vote` are those of its best answer. `offer` (0 to 1) says whether it holds
    the kind of answer asked for, 0 where any would do; `echo` is 1 if the answer only
    repeats words of the question. `place` is the logarithm of 1 + the sentence's place in
    the article: news begins with what is new.
    """

    margin: float
    vote: float
    offer: float
    echo: float
    place: float

    def weighed(self, weights: Signals) -> float:
        """The weighted sum."""
        return float(sum(getattr(self, n) * getattr(weights, n) for n in Signals.__slots__))


# Fitted by benchmarks/reading.py on questions asked from June to August.
WEIGHTS = Signals(margin=0.22, vote=0.09, offer=2.25, echo=-2.8, place=-0.5)


@dataclass(frozen=True, slots=True)
class Pick:
    """A sentence with the passage it stands in and how well it answers; the higher, the better."""

    sentence: Sentence
    source: Scored
    answer: ShortAnswer
    signals: Signals
    score: float

    @property
    def is_heard(self) -> bool:
        """Whether its answer is likelier than none, or of the kind that is asked for."""
        return self.answer.margin > 0 or self.signals.offer > 0


@dataclass(frozen=True, slots=True)
class Draft:
    """What would be said: `picks` in the order they are read; `best` leads by score.

    `lead` is how far the vote of the best answer is above that of the next other one, of all
    sentences read; `articles` how many of them give it.
    """

    picks: tuple[Pick, ...]
    best: Pick | None
    expected: Expectation
    lead: float = 0.0
    articles: int = 0


class ExtractiveReader:
    """Draws the answer from what the cross-encoder marked."""

    def read(self, query: Query, candidates: Sequence[Scored]) -> Draft:
        """One to three sentences, or none when there is nothing to read."""
        expected = expectation(query.text)
        ranked = ranked_sentences(query, expected, candidates)
        if not ranked:
            return Draft((), None, expected)
        best = ranked[0]
        picks = [best]
        for pick in ranked[1:]:
            if len(picks) == MAX_SENTENCES or pick.score < best.score - _gap(best):
                break
            adds = pick.answer.margin >= LEAST_MARGIN
            if adds and not any(_alike(pick, said) for said in picks):
                picks.append(pick)
        return Draft(tuple(_in_reading_order(picks)), best, expected, *_standing(best, ranked))


def ranked_sentences(
    query: Query, expected: Expectation, candidates: Sequence[Scored]
) -> list[Pick]:
    """Every sentence that can be said, best first."""
    read = [c for c in candidates if c.reading is not None][:READ_PASSAGES]
    found = [(s, source, answer) for source in read for s, answer in _offered(source)]
    picks = []
    for sentence, source, answer in _voted(found, read):
        signals = _signals(query, expected, sentence, source, answer)
        picks.append(Pick(sentence, source, answer, signals, signals.weighed(WEIGHTS)))
    picks.sort(key=lambda p: (-p.score, p.source.passage.id, p.sentence.start, p.answer.start))
    said: set[tuple[str, int]] = set()
    firsts = []
    for pick in picks:
        place = (pick.source.passage.article_id, pick.sentence.start)
        if place not in said:
            said.add(place)
            firsts.append(pick)
    return firsts


def _signals(
    query: Query, expected: Expectation, sentence: Sentence, source: Scored, answer: ShortAnswer
) -> Signals:
    passage = source.passage
    place = next(i for i, s in enumerate(passage.sentences) if s.start == sentence.start)
    place += LATER_PASSAGE if passage.ordinal else 0
    asked = set(normalise(query.text).split())
    known = expected.kind is not Kind.OPEN
    return Signals(
        margin=answer.margin,
        vote=answer.vote,
        offer=offers(sentence.text, query.text, expected) if known else 0.0,
        echo=float(asked.issuperset(normalise(answer.text).split())),
        place=math.log1p(place),
    )


def _offered(source: Scored) -> Iterator[tuple[Sentence, ShortAnswer]]:
    """The best answers of each sentence of a passage, `share` and `vote` still raw scores."""
    assert source.reading is not None  # noqa: S101 - the caller has checked
    passage = source.passage
    shift = len(rerank_text(source)) - len(passage.text) - passage.start
    for s in passage.sentences:
        if MIN_SENTENCE_CHARS <= len(s.text) <= MAX_SENTENCE_CHARS:
            for span in source.reading.spans(s.start + shift, s.end + shift, most=_SPANS):
                start, end = span.start - shift, span.end - shift
                text = passage.text[start - passage.start : end - passage.start]
                margin = span.score - source.reading.silence
                yield s, ShortAnswer(start, end, text, span.score, span.score, margin)


def _voted(
    found: Sequence[tuple[Sentence, Scored, ShortAnswer]], read: Sequence[Scored]
) -> Iterator[tuple[Sentence, Scored, ShortAnswer]]:
    """The same with shares and votes.

    Source: answers that recur win, Dumais et al., "Web Question Answering: Is More Always
    Better?", SIGIR 2002.
    """
    silences = [source.reading.silence for source in read if source.reading is not None]
    total = float(np.logaddexp.reduce([*(a.share for _, _, a in found), *silences]))
    votes: dict[str, float] = {}
    for _, _, answer in found:
        words = normalise(answer.text)
        votes[words] = float(np.logaddexp(votes.get(words, -np.inf), answer.share - total))
    for sentence, source, answer in found:
        share, vote = answer.share - total, votes[normalise(answer.text)]
        yield sentence, source, replace(answer, share=share, vote=vote)


def _standing(best: Pick, ranked: Sequence[Pick]) -> tuple[float, int]:
    """The lead of the best answer over the next other one, and the articles that give it."""
    words = normalise(best.answer.text)
    same = [pick for pick in ranked if normalise(pick.answer.text) == words]
    other = [pick.answer.vote for pick in ranked if normalise(pick.answer.text) != words]
    lead = best.answer.vote - max(other, default=-np.inf)
    return float(lead), len({pick.source.article.id for pick in same})


def _gap(best: Pick) -> float:
    offered = best.signals.offer == 1.0
    return MAX_GAP_WHEN_SURE if offered and best.answer.vote >= SURE_VOTE else MAX_GAP


def _alike(one: Pick, other: Pick) -> bool:
    """Whether two sentences say the same in nearly the same words, and the same numbers.

    Reports that differ in a figure, such as a correction, are both worth saying.
    """
    a, b = (set(pick.sentence.text.casefold().split()) for pick in (one, other))
    if {word for word in a ^ b if any(c.isdigit() for c in word)}:
        return False
    return len(a & b) > MAX_SHARED_WORDS * min(len(a), len(b))


def _in_reading_order(picks: Sequence[Pick]) -> list[Pick]:
    """The best first, as news is told; the others article by article, as they were written."""
    best, *others = picks
    articles = list(dict.fromkeys(pick.source.article.id for pick in picks))
    others.sort(key=lambda p: (articles.index(p.source.article.id), p.sentence.start))
    return [best, *others]
