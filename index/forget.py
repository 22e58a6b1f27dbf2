"""Removal: articles leave the store and every index, with all their versions."""

from __future__ import annotations

from collections.abc import Sequence

from index.errors import ArticleNotFound
from index.local.engine import LocalEngine


def forget(engine: LocalEngine, name: str) -> list[str]:
    """Remove what an id, a URL, a file or a folder names; returns the ids, sorted.

    Raises:
        ArticleNotFound: it names nothing.
        StoreLocked: another process is writing.
    """
    with engine.writing() as store:
        return _forget(engine, store.find(name), name)


def forget_article(engine: LocalEngine, article_id: str) -> None:
    """Remove the article with exactly this id; raises as `forget` does."""
    with engine.writing() as store:
        found = [article_id] if store.current(article_id) else []
        _forget(engine, found, article_id)


def _forget(engine: LocalEngine, article_ids: Sequence[str], name: str) -> list[str]:
    if not article_ids:
        raise ArticleNotFound(f"{name!r} names no article: give an id, a URL, a file or a folder")
    engine.store.forget(article_ids)
    engine.publish()
    return list(article_ids)
