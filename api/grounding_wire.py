"""Replies about sentences and their evidence: verdict, findings, and where the words stand.

HTTP and `dateline verify --json` show the same form. Offsets count Unicode code points: of
the sentence in a finding, of the piece's text (or title) in a place.
"""

from __future__ import annotations

from pydantic import BaseModel, Field

from api.examples import VERIFIED
from api.wire import ArticleOut, article_out
from index.documents import ArticleRef
from rag.answers import Verdict
from rag.grounding.findings import Check, Finding, Grounding, Place


class PlaceOut(BaseModel):
    """Words of the evidence: `text[start:end]` of one piece, or of its title."""

    piece: int = Field(description="Which piece of the evidence, from 0.")
    start: int
    end: int
    text: str
    in_title: bool


class FindingOut(BaseModel):
    """What a check found about `sentence[start:end]`."""

    check: Check
    verdict: Verdict
    start: int
    end: int
    said: str = Field(description="The words of the sentence.")
    found: PlaceOut | None = Field(description="What the evidence has instead, or the same.")
    detail: str


class VerifyOut(BaseModel):
    """Whether the evidence supports the sentence, and what tells."""

    model_config = {"json_schema_extra": {"examples": [VERIFIED]}}

    sentence: str
    verdict: Verdict
    probability: float | None = Field(
        description="That the evidence supports the sentence; null when it was not estimated."
    )
    findings: list[FindingOut]
    nearest: list[PlaceOut] = Field(description="Sentences that say most of it, best first.")
    article: ArticleOut | None = Field(description="The article, where one was named.")


def verify_out(sentence: str, grounding: Grounding, article: ArticleRef | None) -> VerifyOut:
    """A verdict on the wire."""
    return VerifyOut(
        sentence=sentence,
        verdict=grounding.verdict,
        probability=grounding.probability,
        findings=[_finding_out(finding) for finding in grounding.findings],
        nearest=[_place_out(place) for place in grounding.nearest],
        article=article_out(article) if article else None,
    )


def _finding_out(finding: Finding) -> FindingOut:
    return FindingOut(
        check=finding.check,
        verdict=finding.verdict,
        start=finding.start,
        end=finding.end,
        said=finding.said,
        found=_place_out(finding.found) if finding.found else None,
        detail=finding.detail,
    )


def _place_out(place: Place) -> PlaceOut:
    return PlaceOut(
        piece=place.piece,
        start=place.start,
        end=place.end,
        text=place.text,
        in_title=place.in_title,
    )
