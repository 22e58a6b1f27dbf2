"""What is said in a chat beside the quotations: a caution, or that there is no answer.

A chat page shows nothing but text, so what `/v1/ask` tells in fields is said here, and taken
out again when the text comes back as history. Titles of articles are data: one line, cut.
"""

from __future__ import annotations

from index.documents import ArticleRef
from rag.answers import Answer

_NO_ANSWER = "I don't know."
_NEAREST = "The nearest articles:"
_CAUTION = "\n\nCaution: "
_FALLBACK = "These are quotations, not the words of the language model"
# As many headlines as one glance takes in.
_MAX_NEAREST = 3
_MAX_TITLE_CHARS = 160


def closing(answer: Answer) -> str:
    """What is said after the quotations: nothing, a caution, or why there are none."""
    if answer.reason is not None:
        return f"{_NO_ANSWER} {answer.reason.detail}{_nearest(answer)}"
    fallback = f"{_FALLBACK} ({answer.fallback.detail})." if answer.fallback else None
    cautions = " ".join(one for one in (fallback, answer.caution) if one)
    return f"{_CAUTION}{cautions}" if cautions else ""


def without_our_words(text: str) -> str:
    """An earlier answer without what `closing` added."""
    if text.startswith(_NO_ANSWER):
        return ""
    return text.rpartition(_CAUTION)[0] if _CAUTION in text else text


def _nearest(answer: Answer) -> str:
    articles = {hit.article.id: hit.article for hit in answer.hits}
    lines = [f"\n- {headline(article)}" for article in list(articles.values())[:_MAX_NEAREST]]
    return f"\n\n{_NEAREST}{''.join(lines)}" if lines else ""


def headline(article: ArticleRef) -> str:
    """Title, outlet and day, on one line."""
    title = " ".join(article.title.split())
    if len(title) > _MAX_TITLE_CHARS:
        title = title[: _MAX_TITLE_CHARS - 1] + "…"
    day = article.published.isoformat()[: len("2025-03-12")] if article.published else None
    known = ", ".join(part for part in (article.source, day) if part)
    return f"{title} ({known})" if known else title
