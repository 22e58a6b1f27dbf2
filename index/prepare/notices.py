"""Which kind of notice an outlet's note on its own article is, by its words.

Pure, and used when a note is shown: what is stored stays the outlet's own words, so a
better reading needs no new ingest. Knows nothing of articles or of how notes were found.
"""

from __future__ import annotations

import re

from index.documents import Notice, NoticeKind
from index.prepare.rules import fold

# What a notice speaks of. "Report" and "video" are left out of faults: a note about the
# subject ("the report wrongly blamed …") is no correction of the article.
_PIECE = (
    r"\b(?:story|article|post|page|piece|headline|column|caption|photo|graphic|map|chart"
    r"|interview|review|obituary|version|summary|transcript|newsletter|blog)s?\b"
)
_FAULT = (
    r"\b(?:misstat|misspel|misidentif|mischaracteri|misattribut|misreport|misquot|mislabel"
    r"|incorrect|inaccura|erroneous|wrong|mistaken|in error\b|an error\b|errors\b)"
)
_NEAR = r"[^.]{0,80}"
_LABEL = r"\A[\[(*]{0,2}"

# In this order: what happened to the article counts before what the note is called.
_PATTERNS: tuple[tuple[NoticeKind, str], ...] = (
    (
        "retraction",
        rf"{_LABEL}(?:retract(?:ion|ed)|withdrawn)\b|{_PIECE}(?:'s publication)?"
        r" (?:has|have|was|were|is|are)(?: since| now){0,2}(?: been)?"
        r" (?:retracted|withdrawn|taken down|unpublished|removed from)\b"
        rf"|\b(?:retract(?:s|ed|ing)?|withdr(?:ew|aws|awn|awing)) (?:the|this|its|a|an)\b"
        rf"[^.]{{0,60}}{_PIECE}",
    ),
    ("clarification", rf"{_LABEL}clarif(?:ications?|ied|ies)\b"),
    ("correction", rf"{_LABEL}correct(?:ions?|ed|s)\b(?! (?:&|and) clarif)"),
    (
        "correction",
        rf"{_PIECE}{_NEAR}(?:{_FAULT}|\bcorrected\b|\b(?:to|and|which) corrects?\b)"
        rf"|\b(?:earlier|previous|prior|original) {_PIECE}.{{0,120}}{_FAULT}"
        rf"|{_FAULT}\w{{0,8}}\b{_NEAR}\b(?:earlier|previous|prior|original) {_PIECE}"
        rf"|\b(?:error|mistake) (?:has been|was|is) (?:fixed|corrected)\b",
    ),
    (
        "clarification",
        rf"{_PIECE}{_NEAR}(?:\bclarified\b|\b(?:to|and|which) (?:clarify|clarifies)\b)",
    ),
    ("correction", rf"{_LABEL}corrections\b"),
    (
        "update",
        rf"{_LABEL}updated?s?\b|{_PIECE}{_NEAR}\b(?:updated|amended|revised|edited)\b"
        rf"|\b(?:will be|has been|been) updated\b|\bupdate[sd]? {_NEAR}{_PIECE}",
    ),
)
_KINDS = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _PATTERNS)


def notice_of(text: str) -> Notice:
    """The notice that `text` is; an editors' note where its words say no more."""
    folded = fold(text)
    for kind, pattern in _KINDS:
        if pattern.search(folded):
            return Notice(kind, text)
    return Notice("editors_note", text)
