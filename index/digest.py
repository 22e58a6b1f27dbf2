"""One input becomes articles that are ready to be cut: parsed, cleaned, dated, fingerprinted.

Pure and picklable: it runs in another process as well as in this one. Errors are values.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from index.documents import RawArticle
from index.errors import SourceError, UnreadableSource
from index.prepare import Prepared, prepare
from index.prepare.fingerprint import signature
from index.sources.parse import parse
from index.sources.payload import Payload


@dataclass(frozen=True, slots=True)
class Digested:
    """An article as it came, its hash, and what preparation made of it."""

    raw: RawArticle
    raw_sha256: str
    prepared: Prepared
    signature: bytes


def digest(item: Payload | RawArticle, received: datetime) -> list[Digested | SourceError]:
    """The articles of one input, in order.

    Args:
        item: what a source handed over.
        received: when; a date that lies after it, or after the fetch, is refused.
    """
    raws: list[RawArticle | SourceError]
    raws = parse(item) if isinstance(item, Payload) else [item]
    return list(_digested(raws, received))


def _digested(
    raws: list[RawArticle | SourceError], received: datetime
) -> Iterator[Digested | SourceError]:
    for raw in raws:
        if isinstance(raw, SourceError):
            yield raw
            continue
        try:
            prepared = prepare(raw, received=received)
        except SourceError as error:
            yield error
        except (ArithmeticError, LookupError, ValueError, RecursionError) as error:
            yield UnreadableSource(raw.origin, f"its text cannot be prepared ({error!r})")
        else:
            yield Digested(raw, raw_hash(raw), prepared, signature(prepared.text))


def raw_hash(raw: RawArticle) -> str:
    """The hash of all that a source said of an article, however often it was fetched."""
    said = asdict(replace(raw, fetched_at=None, bytes_sha256=None))
    return text_hash(json.dumps(said, sort_keys=True, ensure_ascii=False))


def text_hash(text: str) -> str:
    """The sha256 of a text, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
