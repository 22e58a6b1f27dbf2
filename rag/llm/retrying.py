"""Whether a failed request is tried again, and after how long. Waits for nothing."""

from __future__ import annotations

from collections.abc import Callable

from rag.llm.errors import LLMError, LLMRateLimited, LLMTimeout, LLMUnavailable
from rag.llm.limits import Limits


def pause_s(
    error: LLMError, failures: int, limits: Limits, chance: Callable[[], float]
) -> float | None:
    """Seconds until the next try; None where there is to be none.

    No connection, a 5xx and a 429 may pass. A server that is slow to begin is not asked
    twice at once, and one that refuses or talks nonsense will do so again. What Retry-After
    asks for is the least, unless it is more than whoever reads the answer would wait.
    """
    if failures >= limits.tries or not _may_pass(error):
        return None
    asked_s = error.retry_after_s if isinstance(error, LLMRateLimited | LLMUnavailable) else None
    if asked_s is not None and asked_s > limits.longest_retry_after_s:
        return None
    ceiling_s: float = min(limits.first_pause_s * 2 ** (failures - 1), limits.longest_pause_s)
    return chance() * ceiling_s + (asked_s or 0.0)


def _may_pass(error: LLMError) -> bool:
    if isinstance(error, LLMTimeout):
        return error.phase == "connecting"
    return isinstance(error, LLMRateLimited | LLMUnavailable)
