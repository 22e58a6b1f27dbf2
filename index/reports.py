"""What an ingest tells of itself, while it runs and at its end."""

from __future__ import annotations

from dataclasses import dataclass

from index.errors import (
    BoilerplateOnly,
    EmptySource,
    FetchFailed,
    FetchRefused,
    InvalidRecord,
    SourceError,
)

_CODES: dict[type[SourceError], str] = {
    EmptySource: "empty",
    BoilerplateOnly: "boilerplate_only",
    InvalidRecord: "invalid_record",
    FetchFailed: "fetch_failed",
    FetchRefused: "fetch_refused",
}


@dataclass(frozen=True, slots=True)
class Skipped:
    """An input that was refused: where it came from, the kind of refusal, the reason."""

    origin: str
    code: str
    reason: str

    @classmethod
    def of(cls, error: SourceError) -> Skipped:
        """What a refusal is in a report."""
        return cls(error.origin, _CODES.get(type(error), "unreadable"), error.reason)


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something about an article that was stored and that a person may want to look at."""

    origin: str
    reason: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come.

    `copies` counts those of `new` and `changed` whose text is in the corpus already, under
    another article. `embedded` are the passages that went through the model: those of a
    changed article whose words stayed the same keep their vectors.
    """

    new: int = 0
    changed: int = 0
    same: int = 0
    skipped: int = 0
    copies: int = 0
    passages: int = 0
    embedded: int = 0
    seconds: float = 0.0

    @property
    def articles(self) -> int:
        """The inputs dealt with."""
        return self.new + self.changed + self.same + self.skipped

    @property
    def passages_per_s(self) -> float:
        """Passages embedded and stored per second."""
        return self.passages / self.seconds if self.seconds else 0.0


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What a run did, or would do. `article_ids` are those of new and changed articles."""

    progress: Progress
    skipped: tuple[Skipped, ...]
    doubts: tuple[Doubt, ...]
    article_ids: tuple[str, ...]
    generation: int
