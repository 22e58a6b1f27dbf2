"""One reply of a model as it comes in: what is said of it, cited and judged.

`flag` says words as they come, but for what may be a marker, and judges each sentence at its
end; `strict` says a sentence once it is judged. Checks run in threads. Knows no model.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

from index.store.sqlite import Store
from rag.answers import (
    AnswerEvent,
    Cited,
    Delta,
    Judged,
    Replaced,
    Strictness,
    Verdict,
    Verified,
)
from rag.expect import content_stems
from rag.verify import verify
from rag.writing.context import Context
from rag.writing.leaks import recites_instructions
from rag.writing.links import allowed_of, without_links
from rag.writing.markers import MarkerReader, NoAnswer, Token
from rag.writing.policy import Ruling, Tally
from rag.writing.statements import Piece, Statements
from rag.writing.weighing import Binding, Weighed, Weigher
from rag.writing.wording import Wording, citation, quoted, worded

# An answer is four sentences; more than this is no answer.
MOST_STATEMENTS = 40
MOST_CHARS = 20_000


class Reply:
    """What one reply comes to. For one task."""

    def __init__(
        self, context: Context, store: Store, weigher: Weigher, strictness: Strictness
    ) -> None:
        self.text = ""
        self.tally = Tally()
        self.declined = False
        self.leaked = False
        self.is_cut = False
        self._context, self._store, self._weigher = context, store, weigher
        self._strictness = strictness
        allowed = allowed_of(context.shown)
        self._reader = MarkerReader(lambda words: without_links(words, allowed))
        self._statements = Statements()
        self._markers: dict[tuple[str, int, int], int] = {}
        # Characters of the sentence that has begun which are said already.
        self._ahead = 0
        self._chars = self._pieces = 0
        self._last = ""

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to be read."""
        return self.declined or self.leaked or self.is_cut

    async def take(self, delta: str) -> AsyncIterator[AnswerEvent]:
        """What is said after one more delta."""
        taken = delta[: MOST_CHARS - self._chars]
        self._chars += len(taken)
        async for event in self._read(self._reader.feed(taken)):
            yield event
        self.is_cut |= len(taken) < len(delta)

    async def end(self) -> AsyncIterator[AnswerEvent]:
        """What is left to say when the reply is over."""
        async for event in self._read(self._reader.end(), at_end=True):
            yield event

    async def _read(
        self, tokens: Sequence[Token], *, at_end: bool = False
    ) -> AsyncIterator[AnswerEvent]:
        said = [token for token in tokens if not isinstance(token, NoAnswer)]
        self.declined |= len(said) < len(tokens) and not self._markers
        self._statements.feed(said)
        for piece in self._statements.finished(at_end=at_end):
            if self.is_over:
                return
            for event in await self._settle(piece):
                yield event
        if self._strictness == "flag" and not at_end and not self.is_over:
            for event in self._say_ahead(self._statements.certain.rstrip()):
                yield event

    @property
    def _base(self) -> str:
        """What was said before the sentence that has begun."""
        return self.text[: len(self.text) - self._ahead]

    def _say_ahead(self, words: str) -> list[AnswerEvent]:
        """Say what is certain of the sentence that has begun."""
        words = words if self._base else words.lstrip()
        new = words[self._ahead :]
        self._ahead += len(new)
        self.text += new
        return [Delta(new)] if new else []

    async def _settle(self, piece: Piece) -> list[AnswerEvent]:
        """Judge a sentence that is over, and say what is to be said of it."""
        if not piece.marks and not content_stems(piece.text):
            return self._finish(piece.words if self._base else piece.words.lstrip())
        self._pieces += 1
        self.is_cut |= self._pieces >= MOST_STATEMENTS
        self.leaked |= recites_instructions(f"{self._last} {piece.text}")
        self._last = piece.text
        if self.leaked:
            return []
        weighed = await asyncio.to_thread(self._weigher.weigh, piece)
        said = weighed.ruling is Ruling.SAID
        if weighed.counts:
            self.tally.count(weighed.checked.verdict, said=said)
        if said:
            return await self._tell(weighed)
        if weighed.ruling is Ruling.QUOTED and (near := weighed.nearest) is not None:
            return await self._quote(near)
        return self._withdraw()

    def _finish(self, sentence: str) -> list[AnswerEvent]:
        """The rest of a sentence, which ends here."""
        new = sentence[self._ahead :]
        self.text, self._ahead = self._base + sentence, 0
        return [Delta(new)] if new else []

    def _withdraw(self) -> list[AnswerEvent]:
        was_said = self._ahead > 0
        self.text, self._ahead = self._base, 0
        return [Replaced(self.text)] if was_said else []

    async def _tell(self, weighed: Weighed) -> list[AnswerEvent]:
        new: list[tuple[int, Binding]] = []
        highest = len(self._context.shown)
        wording = worded(weighed, lambda b: self._marker(b, new), len(self._base), highest)
        return await self._told(wording, new, weighed.checked.verdict)

    async def _quote(self, near: Binding) -> list[AnswerEvent]:
        if near.key in self._markers:
            return []
        new: list[tuple[int, Binding]] = []
        wording = quoted(near, self._marker(near, new), len(self._base))
        return await self._told(wording, new, Verdict.SUPPORTED)

    def _marker(self, binding: Binding, new: list[tuple[int, Binding]]) -> int:
        """The marker of a binding: as before, or the next."""
        if binding.key not in self._markers:
            self._markers[binding.key] = len(self._markers) + 1
            new.append((self._markers[binding.key], binding))
        return self._markers[binding.key]

    async def _told(
        self, wording: Wording, new: Sequence[tuple[int, Binding]], verdict: Verdict
    ) -> list[AnswerEvent]:
        events = self._finish(wording.text)
        for marker, binding in new:
            cited = citation(marker, binding)
            checked = await asyncio.to_thread(verify, cited, self._store)
            verbatim = checked.verdict is Verdict.SUPPORTED
            events += [Cited(cited), Verified(marker, verdict if verbatim else checked.verdict)]
        return [*events, Judged(wording.statement, wording.failed)]
