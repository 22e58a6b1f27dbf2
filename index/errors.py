"""Everything that can go wrong below the question.

    IndexingError
    ├── SourceError               one input is refused; the run goes on
    │   ├── UnreadableSource      it cannot be opened, decoded or parsed
    │   ├── EmptySource           it holds no text
    │   ├── BoilerplateOnly       nothing is left once the boilerplate is removed
    │   ├── InvalidRecord         a record breaks the JSONL contract
    │   └── FetchFailed           an address gives no article
    │       └── FetchRefused      it may not be fetched: not public, forbidden, over a limit
    ├── ModelError
    │   ├── ModelNotFound         no package, cache or hub has the weights
    │   ├── ModelChecksumMismatch the weights are not the pinned ones
    │   ├── ModelsClosed          they were closed before or while they were asked
    │   └── Abandoned             whoever asked does not wait any more
    ├── StoreError
    │   ├── StoreLocked           another process is writing
    │   ├── StoreFormatError      the data directory is of another format
    │   ├── StoreReplaced         the data directory was moved or removed while it was open
    │   ├── ManifestMismatch      the data was made with another model or chunker
    │   │   └── BeingReindexed    another process is making it anew
    │   └── BackupError           a backup cannot be made, or is not whole
    ├── WorkersFailed             the processes that parse cannot be started
    ├── RuleError                 the boilerplate rules can't be used (prepare/rules.py)
    ├── FeedNotFound              no feed is subscribed to under this address
    └── ArticleNotFound           no article has this id, URL or path

A message says what happened with the value, then what to do about it.
"""

from __future__ import annotations


class IndexingError(Exception):
    """Base of every error raised by `index`."""


class SourceError(IndexingError):
    """One input is refused; `origin` names it and `reason` says why."""

    def __init__(self, origin: str, reason: str) -> None:
        super().__init__(f"{origin}: {reason}")
        self.origin = origin
        self.reason = reason

    def __reduce__(self) -> tuple[type[SourceError], tuple[str, str]]:
        return type(self), (self.origin, self.reason)  # crosses process boundaries whole


class UnreadableSource(SourceError):
    """The input cannot be opened, decoded or parsed."""


class EmptySource(SourceError):
    """The input holds no text."""


class BoilerplateOnly(SourceError):
    """Nothing is left of the input once the boilerplate is removed."""


class InvalidRecord(SourceError):
    """A record breaks the JSONL contract."""


class FetchFailed(SourceError):
    """An address gives no article: no answer, an error status, a broken body.

    `status` is the server's, where it answered with one, and `retry_after_s` what it asked for.
    """

    def __init__(
        self,
        origin: str,
        reason: str,
        *,
        status: int | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(origin, reason)
        self.status = status
        self.retry_after_s = retry_after_s


class FetchRefused(FetchFailed):
    """An address may not be fetched: it is not public, robots.txt forbids it, it is too large."""


class ModelError(IndexingError):
    """A model cannot be used."""


class ModelNotFound(ModelError):
    """No path, package, cache or hub has the weights."""


class ModelChecksumMismatch(ModelError):
    """The weights found are not the pinned ones."""


class ModelsClosed(ModelError):
    """A model is asked that was closed, or is closed while it is asked."""


class Abandoned(ModelError):
    """A model call was dropped, as nobody waits for what it says; raised to nobody who does."""


class StoreError(IndexingError):
    """The data directory cannot be used."""


class StoreLocked(StoreError):
    """Another process is writing to the data directory."""


class StoreFormatError(StoreError):
    """The data directory has a format this release does not read."""


class ManifestMismatch(StoreError):
    """The data was made with another embedder, chunker or analyser."""


class StoreReplaced(StoreError):
    """The data directory was moved or removed while it was open."""


class BeingReindexed(ManifestMismatch):
    """Another process is making passages and vectors anew, or was interrupted at it."""


class BackupError(StoreError):
    """A backup cannot be made, or is damaged, or there is something where it would go."""


class ArticleNotFound(IndexingError):
    """No article has this id, URL or path."""


class WorkersFailed(IndexingError):
    """The processes that parse cannot be started."""


class FeedNotFound(IndexingError):
    """No feed is subscribed to under this address."""
