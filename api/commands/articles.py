"""`dateline show` and `dateline forget`: one article, and its removal."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.asking import about
from api.commands.options import AsJson, Home
from api.commands.running import (
    PARTLY,
    Problem,
    command,
    opened_engine,
    opened_store,
    settings_from,
)
from api.terminal import one_line, safe, say, say_json, say_text, several, styled

if TYPE_CHECKING:
    from index.documents import Removed
    from index.store.sqlite import Store

_ADDRESS = re.compile(r"https?://", re.IGNORECASE)


@command
def show(
    name: Annotated[str, typer.Argument(metavar="ID", help="Article id, URL or file.")],
    version: Annotated[int | None, typer.Option(min=1, help="Default: the current one.")] = None,
    raw: Annotated[
        bool, typer.Option("--raw", help="The text as it came, with what was removed marked.")
    ] = False,
    changes: Annotated[
        bool, typer.Option("--diff", help="What changed since the version before.")
    ] = False,
    since: Annotated[
        int | None, typer.Option(min=1, help="With --diff: the version to compare with.")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> int:
    """Show an article: title, outlet, dates, text, versions and copies elsewhere.

    With --raw, `[-words-]{rule}` marks what was removed, and the rule that did. With --diff,
    `[-words-]` went and `{+words+}` came.

    \b
      dateline show a3f0c2d41b7e9a586c10
      dateline show https://example.org/article --diff
      dateline show ~/news/article.txt --raw
      dateline show a3f0c2d41b7e9a586c10 --version 3 --diff --since 1 --json
    """  # noqa: D301 - typer keeps the lines after it
    if since is not None and not changes:
        raise Problem("--since goes with --diff")
    with opened_store(settings_from(home)) as store:
        article_id = _one(store, name)
        assert store is not None  # noqa: S101 - `_one` has found something in it
        if changes:
            _show_diff(store, article_id, since, version, as_json=as_json)
        elif as_json:
            _show_json(store, article_id, version, raw=raw)
        else:
            _show(store, article_id, version, raw=raw)
    return 0


def _one(store: Store | None, name: str) -> str:
    found = _found(store, name)
    if not found:
        raise Problem(f"{name!r} names no article: give an id, a URL or a file", PARTLY)
    if len(found) > 1:
        listed = ", ".join(found[:5])
        raise Problem(f"{name!r} names {len(found)} articles ({listed}…): give the id of one")
    return found[0]


def _found(store: Store | None, name: str) -> list[str]:
    """The ids that a name stands for, as it is given or as a path from here.

    A blank name, such as a variable that is not set, stands for nothing: as a path it
    would stand for everything.
    """
    from index.sources.web.addresses import canonical_url

    if store is None or not name.strip():
        return []
    if _ADDRESS.match(name):
        return store.find(name) or store.find(canonical_url(name))
    return store.find(name) or store.find(_origin(name))


def _origin(name: str) -> str:
    """The origin that a file or folder would have."""
    from index.sources.streams import printable

    return printable(Path(os.path.normpath(Path(name).expanduser().absolute())))


def _show(store: Store, article_id: str, version: int | None, *, raw: bool) -> None:
    from index.prepare.notices import notice_of

    article = store.article(article_id, version)
    say(one_line(article.ref.title), bold=True)
    say(about(article.ref).removeprefix(one_line(article.ref.title) + ", "))
    for label, value in (
        ("section", article.ref.section),
        ("by", ", ".join(article.ref.authors)),
        ("url", article.ref.url),
    ):
        if value:
            say(f"{label}: {one_line(value)}")
    if article.ref.modified:
        say(f"modified: {article.ref.modified.isoformat()}")
    for said in store.notes(article_id, article.ref.version):
        notice = notice_of(said)
        say_text(f"{notice.kind.replace('_', ' ')}: {one_line(notice.text)}")
    for copy in store.copies(article_id):
        say(f"same text: {about(copy)} ({copy.id})")
    for origin in store.origins(article_id):
        say(f"from: {one_line(origin)}", dim=True)
    for known in store.versions(article_id):
        mark = "current" if known.current else "earlier"
        said = f"version {known.number} ({mark}), ingested {known.ingested_at:%Y-%m-%d %H:%M} UTC"
        say(f"{said}: {one_line(known.title)}", dim=True)
    say()
    if raw:
        typer.echo(marked(*store.raw(article_id, version)))
    else:
        say_text(article.text)


def _show_json(store: Store, article_id: str, version: int | None, *, raw: bool) -> None:
    from api.article_wire import article_detail

    shown = article_detail(store, article_id, version).model_dump(mode="json")
    shown["origins"] = store.origins(article_id)
    if raw:
        text, removed = store.raw(article_id, version)
        shown["raw"] = text
        shown["removed"] = [{"start": r.start, "end": r.end, "rule": r.rule} for r in removed]
    say_json(shown)


def _show_diff(
    store: Store, article_id: str, before: int | None, after: int | None, *, as_json: bool
) -> None:
    from api.article_wire import article_diff

    compared = article_diff(store, article_id, before, after)
    if as_json:
        say_json(compared.model_dump(mode="json"))
        return
    if compared.from_version == compared.to_version:
        say(f"Version {compared.to_version} is the first: there is nothing to compare it with.")
        return
    say(f"version {compared.from_version}: {one_line(compared.from_title)}", fg="red")
    say(f"version {compared.to_version}: {one_line(compared.to_title)}", fg="green")
    unchanged = 0
    for paragraph in compared.paragraphs:
        if paragraph.operation == "same":
            unchanged += 1
            continue
        _say_unchanged(unchanged)
        unchanged = 0
        typer.echo("\n" + "".join(_MARKS[p.operation](safe(p.text)) for p in paragraph.pieces))
    _say_unchanged(unchanged)


def _say_unchanged(count: int) -> None:
    if count:
        say(f"\n  … {several(count, 'paragraph')} unchanged …", dim=True)


_MARKS: dict[str, Callable[[str], str]] = {
    "same": lambda text: text,
    "removed": lambda text: styled(f"[-{text}-]", fg="red"),
    "added": lambda text: styled(f"{{+{text}+}}", fg="green"),
}


def marked(raw: str, removed: tuple[Removed, ...]) -> str:
    """The raw text, safe, with `[-words-]{rule}` where a rule removed words."""
    parts, end = [], 0
    for span in removed:
        if span.start < end:
            continue
        words = styled(f"[-{raw[span.start : span.end]}-]", fg="red")
        parts += [safe(raw[end : span.start]), words, styled(f"{{{span.rule}}}", dim=True)]
        end = span.end
    return "".join([*parts, safe(raw[end:])])


@command
def forget(
    names: Annotated[
        list[str], typer.Argument(metavar="ID|URL|PATH...", help="Articles, files or folders.")
    ],
    home: Home = None,
    as_json: AsJson = False,
) -> int:
    """Remove articles with all their versions. Exit code 1 when a name stands for nothing.

    A folder stands for everything that was ingested from it, also where it is gone.

    \b
      dateline forget a3f0c2d41b7e9a586c10
      dateline forget https://example.org/article ~/news/old
    """  # noqa: D301 - typer keeps the lines after it
    from index.forget import forget_articles

    forgotten: list[str] = []
    missing: list[str] = []
    with opened_engine(settings_from(home)) as engine:
        for name in names:
            found = _found(engine.store if engine else None, name)
            if engine is None or not found:
                missing.append(name)
                continue
            forget_articles(engine, found)
            forgotten += found
    if as_json:
        say_json({"article_ids": forgotten, "not_found": missing})
    elif forgotten:
        say(f"Removed {several(len(forgotten), 'article')}: {', '.join(forgotten)}")
    if missing:
        named = ", ".join(repr(name) for name in missing)
        raise Problem(f"no article is named by {named}: give an id, a URL, a file or a folder", 1)
    return 0
