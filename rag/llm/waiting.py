"""Time-outs of one reply: each wait ends with its phase, and all of them with the whole.

asyncio waits and `Timing.clock` reckons, so a test may turn the clock without waiting.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from rag.llm.errors import LLMTimeout, Phase
from rag.llm.limits import Patience, Timing

T = TypeVar("T")
_SETTINGS: dict[Phase, str] = {
    "connecting": "DATELINE_LLM_CONNECT_S",
    "first token": "DATELINE_LLM_FIRST_TOKEN_S",
    "next token": "DATELINE_LLM_NEXT_TOKEN_S",
    "whole reply": "DATELINE_LLM_TIMEOUT_S",
}


class Waiting:
    """The clocks of one reply, its retries included."""

    def __init__(self, patience: Patience, timing: Timing) -> None:
        self.patience = patience
        self._clock = timing.clock
        self._whole_ends = self._clock() + patience.whole_s
        self._phase: Phase = "first token"
        self._phase_ends = 0.0
        self.ask_anew()

    def ask_anew(self) -> None:
        """A request begins: until its first token, headers included."""
        self._phase = "first token"
        self._phase_ends = self._clock() + self.patience.first_token_s

    def token_came(self) -> None:
        """From now on the next one is waited for."""
        self._phase = "next token"
        self._phase_ends = self._clock() + self.patience.next_token_s

    def left_s(self) -> float:
        """Seconds until the whole must be done."""
        return self._whole_ends - self._clock()

    async def until_due(self, ask: Callable[[], Awaitable[T]]) -> T:
        """What is asked for.

        Raises:
            LLMTimeout: the phase or the whole ended first; what was awaited is cancelled.
        """
        left_s = min(self._phase_ends, self._whole_ends) - self._clock()
        phase = self._phase if self._phase_ends < self._whole_ends else "whole reply"
        if left_s <= 0:  # asyncio only looks at the clock while something is waited for
            raise timed_out(phase, self.patience)
        try:
            async with asyncio.timeout(left_s):
                return await ask()
        except TimeoutError:
            raise timed_out(phase, self.patience) from None


def timed_out(phase: Phase, patience: Patience) -> LLMTimeout:
    """The error that says which phase took how long."""
    allowed_s = {
        "connecting": patience.connect_s,
        "first token": patience.first_token_s,
        "next token": patience.next_token_s,
        "whole reply": patience.whole_s,
    }[phase]
    return LLMTimeout(
        f"the language model took over {allowed_s:g} s ({phase}): if it is only slow, "
        f"raise {_SETTINGS[phase]}",
        phase=phase,
    )
