"""Holds a citation against the stored text: whether its words are verbatim.

Sentences that are nobody's words are held against evidence by `rag/grounding/judge.py`.
"""

from __future__ import annotations

from dataclasses import replace

from index.errors import ArticleNotFound
from index.store.sqlite import Store
from rag.answers import Citation, Verdict


def verify(citation: Citation, store: Store) -> Citation:
    """The citation with its verdict: supported only if the stored words are these words."""
    try:
        text = store.article(citation.article.id, citation.article.version).text
    except ArticleNotFound:
        return replace(citation, verdict=Verdict.UNSUPPORTED)
    verbatim = text[citation.start : citation.end] == citation.quote
    return replace(citation, verdict=Verdict.SUPPORTED if verbatim else Verdict.UNSUPPORTED)
