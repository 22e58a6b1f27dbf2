"""Removal: articles leave the store and every index, with all their versions."""

from __future__ import annotations

from collections.abc import Sequence

from index.errors import ArticleNotFound
from index.local.engine import LocalEngine


def forget_article(engine: LocalEngine, article_id: str) -> None:
    """Remove the article with exactly this id.

    Raises:
        ArticleNotFound: there is none.
        StoreLocked: another process is writing.
    """
    with engine.writing() as store:
        if store.current(article_id) is None:
            raise ArticleNotFound(f"no article {article_id!r}")
        forget_articles(engine, [article_id])


def forget_articles(engine: LocalEngine, article_ids: Sequence[str]) -> None:
    """Remove the articles with exactly these ids, as far as they are there."""
    with engine.writing() as store:
        store.forget(article_ids)
        engine.publish()
