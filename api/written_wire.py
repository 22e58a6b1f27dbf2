"""The sentences of an answer on the wire: verdicts, markers that point nowhere, fallbacks.

Offsets count Unicode code points of the reply's `answer`.
"""

from __future__ import annotations

from pydantic import BaseModel, Field

from rag.answers import FailedCitation, Fallback, FallbackCode, Problem, Remark, Statement, Verdict


class RemarkOut(BaseModel):
    """What speaks against `answer[start:end]`, or leaves it open."""

    check: str = Field(description="As in /v1/verify, or `citation`.")
    verdict: Verdict
    start: int
    end: int
    detail: str
    problem: Problem | None = Field(description="Of a quotation or citation, what is wrong.")


class StatementOut(BaseModel):
    """A sentence of the answer, `answer[start:end]`, and whether its citations carry it."""

    start: int
    end: int
    verdict: Verdict
    markers: list[int] = Field(description="Its citations.")
    findings: list[RemarkOut] = Field(description="Empty where it is supported.")


class FailedCitationOut(BaseModel):
    """A marker that points nowhere: `answer[start:end]` is `[?]`."""

    written: str = Field(description="As the language model had it.")
    start: int
    end: int
    detail: str


class FallbackOut(BaseModel):
    """Why the answer is extractive though a language model was to write it."""

    code: FallbackCode
    detail: str


def statement_out(statement: Statement) -> StatementOut:
    """A sentence on the wire."""
    return StatementOut(
        start=statement.start,
        end=statement.end,
        verdict=statement.verdict,
        markers=list(statement.markers),
        findings=[_remark_out(remark) for remark in statement.findings],
    )


def failed_out(failed: FailedCitation) -> FailedCitationOut:
    """A marker that points nowhere on the wire."""
    return FailedCitationOut(
        written=failed.written, start=failed.start, end=failed.end, detail=failed.detail
    )


def fallback_out(fallback: Fallback | None) -> FallbackOut | None:
    """A fallback on the wire."""
    return FallbackOut(code=fallback.code, detail=fallback.detail) if fallback else None


def _remark_out(remark: Remark) -> RemarkOut:
    return RemarkOut(
        check=remark.check,
        verdict=remark.verdict,
        start=remark.start,
        end=remark.end,
        detail=remark.detail,
        problem=remark.problem,
    )
