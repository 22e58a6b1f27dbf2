"""What can be wrong with what an evaluation is given."""

from __future__ import annotations

from rag.errors import AnsweringError


class EvaluationError(AnsweringError):
    """Questions, judgements or runs that cannot be used; the message says what to give."""
