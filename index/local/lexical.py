"""Lexical search: BM25 over stemmed words and titles with tantivy.

Derived from the store: `absorb` replays additions and removals by passage row, so
replaying twice changes nothing. A file beside the index, replaced atomically after
each commit, holds the last generation that was absorbed.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import tantivy

from index.documents import Filters
from index.files import durable_replace
from index.local.columns import Mask
from index.store.sqlite import Store
from index.store.values import Addition

ANALYSER = "simple+lowercase+asciifold+stop(en)+stem(en)"
_ANALYSER_NAME = "dateline"
_MAX_TERM_LENGTH = 40
_WRITER_HEAP_BYTES = 32_000_000
# A question of hundreds of words adds time, not recall.
MAX_QUERY_TERMS = 64
# Unknown dates lie outside every bound.
_UNKNOWN_FIRST, _UNKNOWN_LAST = -(2**62), 2**62


def _analyser() -> tantivy.TextAnalyzer:
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(tantivy.Filter.remove_long(_MAX_TERM_LENGTH))
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.ascii_fold())
        .filter(tantivy.Filter.stopword("english"))
        .filter(tantivy.Filter.stemmer("english"))
        .build()
    )


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("row", stored=True, indexed=True)
    builder.add_text_field("text", tokenizer_name=_ANALYSER_NAME)
    builder.add_text_field("title", tokenizer_name=_ANALYSER_NAME)
    builder.add_text_field("source", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("section", tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("published_first", indexed=True, fast=True)
    builder.add_integer_field("published_last", indexed=True, fast=True)
    schema: tantivy.Schema = builder.build()
    return schema


class LexicalIndex:
    """BM25 over a folder; reads what the last commit left, writes as the one writer."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._state = folder / "generation"
        self._analyser = _analyser()
        self._schema = _schema()
        self._index = self._open()

    def _open(self) -> tantivy.Index:
        """Open the folder; what cannot be opened is started anew and replayed from the store."""
        files = self._folder / "files"
        files.mkdir(parents=True, exist_ok=True)
        try:
            index = tantivy.Index(self._schema, path=str(files), reuse=True)
            index.searcher()
        except (ValueError, OSError):
            shutil.rmtree(files)
            self._state.unlink(missing_ok=True)
            files.mkdir()
            index = tantivy.Index(self._schema, path=str(files), reuse=True)
        index.register_tokenizer(_ANALYSER_NAME, self._analyser)
        return index

    @property
    def generation(self) -> int:
        """The last generation that was absorbed; 0 when unknown, so that all is replayed."""
        try:
            return int(self._state.read_text())
        except (OSError, ValueError):
            return 0

    @property
    def absorbed_at(self) -> float | None:
        """When that was absorbed, in seconds since 1970; None when unknown."""
        try:
            return self._state.stat().st_mtime
        except OSError:
            return None

    def absorb(self, store: Store, upto: int) -> None:
        """Catch up with the store to a generation, as the one writer."""
        after = self.generation
        if after > upto:  # the store was replaced by an older one
            after = 0
        if after == upto:
            return
        writer = self._index.writer(heap_size=_WRITER_HEAP_BYTES, num_threads=1)
        # Files of a commit that was killed have the names that its replay will want.
        writer.garbage_collect_files()
        if after == 0:
            writer.delete_all_documents()
        for row in store.removals(after, upto):
            writer.delete_documents_by_term("row", row)
        for batch in store.additions(after, upto):
            for addition in batch:
                writer.delete_documents_by_term("row", addition.row)
                writer.add_document(_document(addition))
        writer.commit()
        writer.wait_merging_threads()
        temporary = self._state.with_suffix(".tmp")
        temporary.write_text(str(upto))
        durable_replace(temporary, self._state)

    def searcher(self) -> LexicalSearcher:
        """A view of the last commit that later commits do not change."""
        self._index.reload()
        return LexicalSearcher(self._index.searcher(), self._schema, self._analyser.analyze)


def _document(addition: Addition) -> tantivy.Document:
    first, last = addition.published_first, addition.published_last
    return tantivy.Document(
        row=addition.row,
        text=addition.text,
        title=addition.title,
        source=(addition.source or "").casefold(),
        section=(addition.section or "").casefold(),
        published_first=_UNKNOWN_FIRST if first is None else int(first),
        published_last=_UNKNOWN_LAST if last is None else int(last),
    )


class LexicalSearcher:
    """BM25 search over one commit."""

    def __init__(
        self,
        searcher: tantivy.Searcher,
        schema: tantivy.Schema,
        analyse: Callable[[str], list[str]],
    ) -> None:
        self._searcher = searcher
        self._schema = schema
        self._analyse = analyse

    def search(
        self, text: str, filters: Filters, depth: int, *, named: Mask | None = None
    ) -> list[tuple[int, float]]:
        """The `depth` best rows for the words of a question, best first.

        `named`, bool of shape (rows,), holds the articles that the filters name: the index
        knows rows, not articles.
        """
        terms = list(dict.fromkeys(self._analyse(text)))[:MAX_QUERY_TERMS]
        if not terms:
            return []
        words = tantivy.Query.boolean_query(
            [
                (tantivy.Occur.Should, tantivy.Query.term_query(self._schema, field, term))
                for term in terms
                for field in ("text", "title")
            ]
        )
        return self._best(words, filters, depth, named)

    def _best(
        self, words: tantivy.Query, filters: Filters, depth: int, named: Mask | None
    ) -> list[tuple[int, float]]:
        musts = [words, *self._bounds(filters)]
        parts = [(tantivy.Occur.Must, part) for part in musts]
        if named is not None:
            parts.append(self._within(named))
        query = tantivy.Query.boolean_query(parts)
        hits = self._searcher.search(query, limit=depth, count=False).hits
        rows = [
            (int(self._searcher.doc(address)["row"][0]), float(score)) for score, address in hits
        ]
        return sorted(rows, key=lambda hit: (-hit[1], hit[0]))

    def near(
        self, words: str, filters: Filters, depth: int, *, named: Mask | None = None
    ) -> list[tuple[int, float]]:
        """The `depth` best rows whose text has these words one after another, best first.

        The index knows stems and leaves out small words: what it finds may not hold them
        verbatim.
        """
        terms = self._analyse(words)[:MAX_QUERY_TERMS]
        if not terms:
            return []
        left_out = max(0, len(words.split()) - len(terms))
        query = (
            tantivy.Query.phrase_query(self._schema, "text", list(terms), slop=left_out)
            if len(terms) > 1
            else tantivy.Query.term_query(self._schema, "text", terms[0])
        )
        return self._best(query, filters, depth, named)

    def _bounds(self, filters: Filters) -> list[tantivy.Query]:
        """Queries that must match, each adding nothing to the score."""
        bounds = []
        if filters.published_from is not None:
            bounds.append(self._range("published_first", filters.published_from.timestamp(), None))
        if filters.latest is not None:
            bounds.append(self._range("published_last", None, filters.latest.timestamp()))
        for field, names in (("source", filters.sources), ("section", filters.sections)):
            if names:
                bounds.append(self._any_of(field, names))
        return [tantivy.Query.const_score_query(bound, 0.0) for bound in bounds]

    def _within(self, named: Mask) -> tuple[tantivy.Occur, tantivy.Query]:
        """That the row is one of those named, or none of the others, whichever are fewer.

        Of 100,000 rows, 150 cost 2 CPU ms and 45,000 cost 26.
        """
        few = 2 * int(named.sum()) <= named.size
        rows = np.flatnonzero(named if few else ~named).tolist()
        query = tantivy.Query.term_set_query(self._schema, "row", rows)
        occur = tantivy.Occur.Must if few else tantivy.Occur.MustNot
        return occur, tantivy.Query.const_score_query(query, 0.0)

    def _range(self, field: str, low: float | None, high: float | None) -> tantivy.Query:
        return tantivy.Query.range_query(
            self._schema,
            field,
            tantivy.FieldType.Integer,
            lower_bound=_UNKNOWN_FIRST + 1 if low is None else -int(-low // 1),
            upper_bound=_UNKNOWN_LAST - 1 if high is None else int(high // 1),
        )

    def _any_of(self, field: str, names: Sequence[str]) -> tantivy.Query:
        return tantivy.Query.term_set_query(
            self._schema, field, [name.casefold() for name in names]
        )
