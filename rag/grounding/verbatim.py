"""Looks for the sentence, and for quotations in it, word for word in the evidence.

Apart from the style of quotation marks and dashes, white space, citation markers and a
final stop. Says nothing of words that are not the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.answers import Verdict
from rag.grounding.evidence import Evidence
from rag.grounding.findings import MOST_FINDINGS, Check, Finding, Place

# A shorter quotation is a term or a title, or said with irony: nobody's words are claimed.
QUOTED_WORDS = 2

_MARKER = re.compile(r"\s*\[\d+\]")
_QUOTED = re.compile(r"[“\"]([^“”\"]+)[”\"]|(?<![\w’'])[‘']([^‘’']{12,})[’'](?!\w)")
_GAP = re.compile(r"\s*(?:\[[^\]]*\]|…|\.\.\.)\s*")
_FOLDED = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "\u00a0": " "})
_EDGES = " \t\n.,;:!?\"'-"
# Where a whole statement of the evidence may begin or end.
_BEGINS = re.compile(r"(?:^|[\n.!?:]|[.!?][\"')]|[-])[\s\"'(]*$")
_ENDS = re.compile(r"^[\"')\s]*(?:$|[.!?;\n])|^[.!?,][\"')]")


def check_verbatim(sentence: str, evidence: Sequence[Evidence]) -> list[Finding]:
    """One finding where the whole sentence stands in the evidence, as a whole statement there."""
    words = _MARKER.sub("", sentence).strip(_EDGES)
    found = _find(words, evidence, whole=True) if words else None
    if found is None:
        return []
    detail = "the sentence stands in the evidence, word for word"
    return [Finding(Check.VERBATIM, Verdict.SUPPORTED, 0, len(sentence), sentence, found, detail)]


def check_quotations(sentence: str, evidence: Sequence[Evidence]) -> list[Finding]:
    """A finding for each quotation of several words: whether somebody said so in the evidence."""
    quoted = [
        match
        for match in _QUOTED.finditer(sentence)
        if len(_quoted(match).split()) >= QUOTED_WORDS and not _is_title(_quoted(match))
    ]
    return [_quotation(match, evidence) for match in quoted[:MOST_FINDINGS]]


def quoted_spans(sentence: str) -> list[tuple[int, int]]:
    """The spans of what stands in quotation marks."""
    return [match.span() for match in _QUOTED.finditer(sentence)]


def _quoted(match: re.Match[str]) -> str:
    return match[1] or match[2]


def _is_title(words: str) -> bool:
    """Whether it is the title of a work, which the check of names has: every word is capital."""
    return all(word[0].isupper() for word in re.findall(r"[^\W\d_]{4,}", words))


def _quotation(match: re.Match[str], evidence: Sequence[Evidence]) -> Finding:
    """Every part of the quotation, between gaps and bracketed words, must stand there."""
    parts = [part.strip(_EDGES) for part in _GAP.split(_quoted(match))]
    places = [_find(part, evidence) for part in parts if part]
    whole = bool(places) and all(places)
    detail = "stands in the evidence" if whole else "does not stand in the evidence"
    return Finding(
        Check.QUOTATION,
        Verdict.SUPPORTED if whole else Verdict.UNSUPPORTED,
        *match.span(),
        match[0],
        places[0] if whole else None,
        f"the quotation {detail}, word for word",
    )


def _find(words: str, evidence: Sequence[Evidence], *, whole: bool = False) -> Place | None:
    pattern = _pattern(words)
    for piece, given in enumerate(evidence):
        for text, in_title in ((given.text, False), (given.title, True)):
            folded = text.translate(_FOLDED)
            for match in pattern.finditer(folded):
                start, end = match.span()
                if not whole or (
                    _BEGINS.search(folded[:start][-8:]) and _ENDS.search(folded[end:])
                ):
                    return Place(piece, start, end, text[start:end], in_title=in_title)
    return None


def _pattern(words: str) -> re.Pattern[str]:
    """The words with any white space between them, a letter of any case first."""
    folded = words.translate(_FOLDED)
    inner = r"\s+".join(re.escape(word) for word in folded.split())
    return re.compile(rf"(?<!\w){inner}(?!\w)", re.IGNORECASE)
