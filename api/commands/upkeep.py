"""`dateline status` and `dateline reindex`: what there is, and how it is made anew."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.commands.options import AsJson, Home
from api.commands.running import INTERRUPTED, again, command, opened_store, settings_from
from api.progress import meter
from api.terminal import duration, note, one_line, say, say_json, several, size

if TYPE_CHECKING:
    from index.reindex import ReindexProgress
    from index.store.sqlite import Store
    from rag.settings import Settings


@command
def status(home: Home = None, as_json: AsJson = False) -> int:
    """Show what there is: counts, generation, models, size.

    Loads no model. Says when the data was made with other models than the settings name.

    \b
      dateline status
      dateline status --home /srv/dateline --json
    """  # noqa: D301 - typer keeps the lines after it
    settings = settings_from(home)
    with opened_store(settings) as store:
        found = _status(settings, store)
    if as_json:
        say_json(found)
    else:
        _say_status(found, settings)
    return 0


def _status(settings: Settings, store: Store | None) -> dict[str, Any]:
    return {
        "home": str(settings.home),
        "generation": store.generation if store else 0,
        "searchable_generation": store.published if store else 0,
        **(store.counts() if store else {"articles": 0, "versions": 0, "passages": 0}),
        "made_with": store.manifest if store else None,
        "reindexing": bool(store and store.reindexing),
        "problem": _problem(settings, store.manifest if store else None),
        "disk_bytes": _disk_bytes(settings.home),
    }


def _problem(settings: Settings, made: dict[str, Any] | None) -> str | None:
    """Why the data cannot be searched with these settings, as far as it can be known here."""
    from index.errors import ModelError
    from rag.assemble import expected_manifest

    try:
        expected = expected_manifest(settings)
    except ModelError as error:
        return str(error)
    for key, value in expected.items():
        if made is not None and made.get(key) != value:
            return (
                f"the data was made with {key} {made.get(key)!r}, the settings give {value!r}: "
                "run `dateline reindex`, or use the old setting"
            )
    return None


def _say_status(found: dict[str, Any], settings: Settings) -> None:
    say(f"data directory  {found['home']}")
    say(f"articles        {found['articles']:,} ({several(found['versions'], 'version')})")
    say(f"passages        {found['passages']:,}")
    searchable = found["searchable_generation"]
    behind = "" if searchable == found["generation"] else f" (searches see {searchable})"
    say(f"generation      {found['generation']}{behind}")
    made = found["made_with"]
    say(f"embedder        {made['embedder'] if made else 'not known until the first ingest'}")
    if made:
        say(f"made with       {made['embedder_fingerprint']}, {made['dim']} dimensions")
    say(f"disk            {size(found['disk_bytes'])}")
    if found["reindexing"]:
        note(f"a reindex has begun and not ended: {again(settings, 'reindex')} goes on from there")
    elif found["problem"]:
        note(f"problem: {one_line(found['problem'])}")
    if not found["articles"]:
        note(f"there is nothing to ask yet: {again(settings, 'ingest PATH')}")


def _disk_bytes(home: Path) -> int:
    total = 0
    for root, _, names in os.walk(home):
        for name in names:
            try:
                total += (Path(root) / name).stat().st_size
            except OSError:  # a writer has just replaced it
                continue
    return total


@command
def reindex(home: Home = None, as_json: AsJson = False) -> int:
    """Make all passages and vectors anew, for another model or chunker.

    They come from the stored texts, which stay, with their versions. Questions are refused
    until it has finished; after an interruption the same command goes on where it stopped.
    A running server with the same settings goes on then.

    \b
      dateline reindex
      DATELINE_EMBEDDER_BACKEND=onnx dateline reindex
    """  # noqa: D301 - typer keeps the lines after it
    settings = settings_from(home)
    with opened_store(settings) as store:
        total = store.counts()["articles"] if store else None
    last: list[ReindexProgress] = []
    try:
        done = None if total is None else _reindex(settings, total, last)
    except KeyboardInterrupt:
        so_far = f"{last[0].articles:,} of {last[0].total:,} articles done; " if last else ""
        note(f"interrupted: {so_far}the same command goes on from there")
        return INTERRUPTED
    _say_reindexed(done, as_json=as_json)
    return 0


def _reindex(settings: Settings, total: int, last: list[ReindexProgress]) -> ReindexProgress | None:
    """Reindex; `last` holds how far it has come, also when it is interrupted."""
    from index.prepare.chunk import ChunkSettings
    from index.reindex import reindex as run
    from rag.assemble import load_embedder, manifest

    embedder = load_embedder(settings)
    chunking = ChunkSettings(window_tokens=embedder.max_tokens)
    with meter("articles", total) as shown:

        def show(progress: ReindexProgress) -> None:
            last[:] = [progress]
            shown.show(progress.articles, progress.passages, progress.passages_per_s)

        return run(
            settings.home, embedder, chunking, manifest(embedder, chunking), on_progress=show
        )


def _say_reindexed(done: ReindexProgress | None, *, as_json: bool) -> None:
    if as_json:
        say_json(
            {
                "articles": done.articles - done.resumed if done else 0,
                "resumed": done.resumed if done else 0,
                "passages": done.passages if done else 0,
                "seconds": round(done.seconds, 3) if done else 0.0,
            }
        )
    elif done is None:
        say("Nothing to do: the corpus was made with these models.")
    else:
        before = f" ({done.resumed:,} in an earlier run)" if done.resumed else ""
        say(
            f"{several(done.articles, 'article')}{before}, "
            f"{several(done.passages, 'passage')} in {duration(done.seconds)} "
            f"({done.passages_per_s:.0f} a second)."
        )
