"""Whether a text holds words verbatim: case, quotation marks and white space do not count."""

from __future__ import annotations

_MARKS = str.maketrans(dict.fromkeys("“”„‟«»″", '"') | dict.fromkeys("‘’‚‛‹›′`´", "'"))


def folded(text: str) -> str:
    """The text as it is compared."""
    return " ".join(text.translate(_MARKS).casefold().split())
