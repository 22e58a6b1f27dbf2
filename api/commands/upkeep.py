"""`dateline status` and `dateline reindex`: what there is, and how it is made anew."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.commands.options import AsJson, Home
from api.commands.running import command, opened_store, settings_from
from api.progress import meter
from api.terminal import duration, note, say, say_json, several, size

if TYPE_CHECKING:
    from index.reindex import ReindexProgress
    from index.store.sqlite import Store
    from rag.settings import Settings


@command
def status(home: Home = None, as_json: AsJson = False) -> int:
    """Show the data directory: generation, counts, models, size. Loads no model.

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
        _say_status(found)
    return 0


def _status(settings: Settings, store: Store | None) -> dict[str, Any]:
    return {
        "home": str(settings.home),
        "generation": store.generation if store else 0,
        "searchable_generation": store.published if store else 0,
        **(store.counts() if store else {"articles": 0, "versions": 0, "passages": 0}),
        "made_with": store.manifest if store else None,
        "reindexing": bool(store and store.reindexing),
        "disk_bytes": _disk_bytes(settings.home),
    }


def _say_status(found: dict[str, Any]) -> None:
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
        note("a reindex has begun and not ended: `dateline reindex` goes on from there")
    if not found["articles"]:
        note("there is nothing to ask yet: `dateline ingest PATH` adds articles")


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
    """Cut and embed every stored text anew, after a model or the chunker has changed.

    Texts and versions stay. Questions are refused until it has finished; after an
    interruption the same command goes on where it stopped. Restart a running server then.

    \b
      dateline reindex
      DATELINE_EMBEDDER_BACKEND=onnx dateline reindex
    """  # noqa: D301 - typer keeps the lines after it
    from index.prepare.chunk import ChunkSettings
    from index.reindex import reindex as run
    from rag.assemble import load_embedder, manifest

    settings = settings_from(home)
    with opened_store(settings) as store:
        total = len(store.article_ids()) if store else 0
    done = None
    if total:
        embedder = load_embedder(settings)
        chunking = ChunkSettings(window_tokens=embedder.max_tokens)
        with meter("articles", total) as shown:
            done = run(
                settings.home,
                embedder,
                chunking,
                manifest(embedder, chunking),
                on_progress=lambda p: shown.show(p.articles, p.passages, p.passages_per_s),
            )
    _say_reindexed(done, as_json=as_json)
    return 0


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
