"""One document becomes its articles: a page, a feed, a PDF, an e-mail, a text.

Pure and picklable: it runs in another process as well as in this one. Errors are values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from index.documents import RawArticle
from index.errors import SourceError, UnreadableSource
from index.sources.detect import DocumentKind, document_kind
from index.sources.feeds import feed_to_raws
from index.sources.mail import mail_to_raw
from index.sources.pages.html import page_to_raw
from index.sources.payload import Payload
from index.sources.streams import HEAD_BYTES
from index.sources.text import text_to_raw

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)


def parse(payload: Payload) -> list[RawArticle | SourceError]:
    """The articles of one document, and what is refused of it."""
    try:
        return list(_parsed(payload))
    except SourceError as error:
        return [error]
    except MemoryError:
        raise  # whoever bounds memory says so better
    except Exception as error:
        # Parsers of others' formats raise almost anything; one document ends no run.
        return [
            UnreadableSource(
                payload.origin,
                f"it cannot be parsed ({error!r:.200}); give the text of the article",
            )
        ]


def _parsed(payload: Payload) -> Iterator[RawArticle | SourceError]:
    kind = document_kind(payload.data[:HEAD_BYTES])
    if kind == "feed":
        for item in feed_to_raws(payload):
            if isinstance(item, SourceError):
                yield item
            else:
                yield replace(item, fetched_at=payload.fetched_at)
    else:
        raw = _READERS[kind](payload)
        yield replace(
            raw,
            url=raw.url or payload.url,
            fetched_at=payload.fetched_at,
            bytes_sha256=payload.sha256(),
        )


def _text(payload: Payload) -> RawArticle:
    said = _CHARSET.search(payload.content_type or "")
    return text_to_raw(payload.data, payload.origin, charset=said[1] if said else None)


def _pdf(payload: Payload) -> RawArticle:
    from index.sources.pdf import pdf_to_raw  # takes a tenth of a second, few need it

    return pdf_to_raw(payload)


_READERS: Mapping[DocumentKind, Callable[[Payload], RawArticle]] = {
    "html": page_to_raw,
    "pdf": _pdf,
    "mail": mail_to_raw,
    "text": _text,
}
