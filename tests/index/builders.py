"""Articles and passages for tests that need no models: each word has its vector."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from index.documents import Article, ArticleRef, Passage, PublicationDate, Sentence
from index.store.values import Entry, Origin

DIM = 32
MANIFEST = {"embedder": "test", "dim": DIM}
INGESTED = datetime(2025, 6, 2, tzinfo=UTC)


def vector_of(text: str) -> np.ndarray:
    """The normalised sum of the vectors of its words, float32 of shape (DIM,)."""
    total = np.full(DIM, 1e-3)
    for word in text.casefold().split():
        seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8])
        total = total + np.random.default_rng(seed).standard_normal(DIM)
    return (total / np.linalg.norm(total)).astype(np.float32)


def entry(
    article_id: str,
    paragraphs: Sequence[str],
    *,
    version: int = 1,
    title: str = "A title",
    source: str | None = None,
    section: str | None = None,
    published: str | None = None,
) -> Entry:
    """An article whose passages are its paragraphs, with their vectors."""
    text = "\n".join(paragraphs)
    passages, start = [], 0
    for ordinal, paragraph in enumerate(paragraphs):
        end = start + len(paragraph)
        passages.append(
            Passage(
                id=f"{article_id}-{version}-{ordinal}",
                article_id=article_id,
                version=version,
                ordinal=ordinal,
                start=start,
                end=end,
                text=paragraph,
                sentences=(Sentence(start, end, paragraph),),
            )
        )
        start = end + 1
    date = PublicationDate(datetime.fromisoformat(published)) if published else None
    ref = ArticleRef(article_id, version, title, source=source, section=section, published=date)
    digest = hashlib.sha256(text.encode()).hexdigest()
    vectors = np.array([vector_of(p.text) for p in passages]).reshape(-1, DIM)
    return Entry(
        article=Article(ref, text),
        origins={f"/news/{article_id}.txt": Origin(article_id, digest)},
        raw=text,
        text_sha256=digest,
        removed=(),
        notes=(),
        passages=tuple(passages),
        vectors=vectors.astype(np.float16),
    )
