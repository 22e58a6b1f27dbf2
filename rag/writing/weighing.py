"""All that is found about a sentence before anything of it is said.

The work of checks and models: it belongs in a thread.
"""

from __future__ import annotations

from dataclasses import dataclass

from rag.answers import Strictness, Verdict
from rag.expect import content_stems
from rag.grounding.judge import Support
from rag.writing.binding import Span, bound
from rag.writing.checking import Checked, Checker
from rag.writing.context import Context, Shown
from rag.writing.leaks import declines
from rag.writing.orders import speaks_to_a_model
from rag.writing.policy import Ruling, ruled
from rag.writing.statements import Piece

# A passage is quoted in place of a sentence of which its words have at least this share.
LEAST_QUOTED = 0.3


@dataclass(frozen=True, slots=True)
class Binding:
    """The sentences of a passage that a sentence of the answer rests on."""

    shown: Shown
    span: Span
    share: float

    @property
    def key(self) -> tuple[str, int, int]:
        """What makes two of them the same."""
        return self.shown.passage.id, self.span.start, self.span.end


@dataclass(frozen=True, slots=True)
class Weighed:
    """A sentence, its verdict, what becomes of it, and what it is bound to, by number.

    `adopted` is the passage that is cited for a sentence which cites none and is carried.
    """

    piece: Piece
    checked: Checked
    ruling: Ruling
    bindings: dict[int, Binding]
    adopted: int | None = None

    @property
    def counts(self) -> bool:
        """Whether it states something of the news."""
        return bool(content_stems(self.piece.text)) and not declines(self.piece.text)

    @property
    def nearest(self) -> Binding | None:
        """What can be quoted in its place."""
        near = [one for one in self.bindings.values() if one.share >= LEAST_QUOTED]
        return max(near, key=lambda one: (one.share, -one.shown.number), default=None)


class Weigher:
    """Weighs the sentences of one answer."""

    def __init__(
        self,
        context: Context,
        support: Support | None,
        *,
        strictness: Strictness,
        foreign_is_withheld: bool,
    ) -> None:
        self._context = context
        self._checker = Checker(context, support)
        self._strictness = strictness
        self._foreign_is_withheld = foreign_is_withheld

    def weigh(self, piece: Piece) -> Weighed:
        """What there is to say about a sentence."""
        checked = self._checker.check(piece.text, piece.numbers)
        withheld = self._foreign_is_withheld and not declines(piece.text)
        ruling = ruled(checked, self._strictness, foreign_is_withheld=withheld)
        if speaks_to_a_model(piece.text):
            ruling = Ruling.WITHHELD
        bindings = self._bindings(piece, checked)
        adopted = None
        if checked.verdict is Verdict.SUPPORTED and not piece.marks:
            adopted = max(bindings, key=lambda n: (bindings[n].share, -n), default=None)
        return Weighed(piece, checked, ruling, bindings, adopted)

    def _bindings(self, piece: Piece, checked: Checked) -> dict[int, Binding]:
        """For each number that is cited, or else each that counts, what it is bound to.

        Where the rest of the article carries the sentence better than the passage that is
        cited, the marker leads there.
        """
        cited = tuple(one for n in piece.numbers if (one := self._context.numbered(n)))
        near = {one.number: self._binding(piece, checked, one) for one in checked.against}
        found = {}
        for one in cited or checked.against:
            siblings = [
                binding
                for binding in near.values()
                if binding and binding.shown.article.id == one.article.id
            ]
            own = near.get(one.number)
            best = max(siblings, key=lambda b: (b.share, b == own), default=None)
            if best is not None:
                found[one.number] = best
        return found

    def _binding(self, piece: Piece, checked: Checked, one: Shown) -> Binding | None:
        span = bound(piece.text, one, checked.places(one.number))
        if span is None:
            return None
        stems = set(content_stems(piece.text))
        share = len(stems & set(content_stems(span.quote))) / max(1, len(stems))
        return Binding(one, span, share)
