"""Articles that carry one text, linked to one story: found and kept up as articles come and go.

A story is a connected component of the pairs that are copies of one another, so the order
in which articles come does not matter; its name is the smallest id in it. The work for one
article is bounded however many there are: candidates are those that share anchors, and the
best of them are compared. Writes on a connection inside the store's commit; the questions
are at the end.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from index.documents import Article, ArticleRef, Filters
from index.prepare.fingerprint import Wording, anchors, is_copy
from index.store.values import AFTER_REF, REF_COLUMNS, ref_of, where

# Of the copies that benchmarks/neardup.py finds among all pairs, none shares fewer.
MIN_SHARED_ANCHORS = 2
# Articles looked at for one anchor, the oldest first: words that hundreds share say little.
MAX_PER_ANCHOR = 64
# The best candidates, and how many of them are compared.
MAX_CANDIDATES = 256
MAX_COMPARED = 16
# Copies of one article that a search looks at.
MAX_COPIES = 20

_CURRENT = "v.article_id = a.id AND v.number = a.current_version"
_BY_DATE = "v.published_first IS NULL, v.published_first, v.article_id"


def link(connection: sqlite3.Connection, article_id: str, signature: bytes) -> str | None:
    """Link an article's current version to its copies; returns its story, None if alone.

    Call it once the version is stored. What an earlier version was linked to is undone.
    """
    _leave(connection, [article_id])
    (row,) = connection.execute(
        "INSERT INTO signatures (article_id, signature) VALUES (?, ?) "
        "ON CONFLICT (article_id) DO UPDATE SET signature = excluded.signature RETURNING row",
        (article_id, signature),
    ).fetchone()
    connection.executemany(
        "INSERT INTO bands VALUES (?, ?)", [(b, row) for b in anchors(signature)]
    )
    _join(connection, article_id)
    return _story_of(connection, article_id)


def unlink(connection: sqlite3.Connection, article_ids: Sequence[str]) -> None:
    """Take articles out of their stories for good: call it before they are removed."""
    _leave(connection, article_ids)
    connection.executemany("DELETE FROM signatures WHERE article_id = ?", _each(article_ids))


# -- leaving a story ----------------------------------------------------------------


def _leave(connection: sqlite3.Connection, article_ids: Sequence[str]) -> None:
    """Take articles out of their stories; what only they held together is regrouped."""
    broken: dict[str, bool] = {}
    for article_id in article_ids:
        found = _signature_of(connection, article_id)
        if found is None:
            continue
        row, bands = found
        connection.executemany(
            "DELETE FROM bands WHERE band = ? AND row = ?", [(band, row) for band in bands]
        )
        story = _story_of(connection, article_id)
        if story is None:
            continue
        linked = _linked(connection, article_id)
        connection.executemany(
            "DELETE FROM copies WHERE article_id = ? AND other_id = ?",
            _both_ways(article_id, linked),
        )
        connection.execute("UPDATE articles SET story = NULL WHERE id = ?", (article_id,))
        # One that hung by a single link leaves the others linked.
        broken[story] = broken.get(story, False) or len(linked) > 1
    for story in sorted(broken):
        members = _members(connection, story)
        if broken[story]:
            _regroup(connection, members)
        elif members and (len(members) == 1 or members[0] != story):
            _name(connection, members)


def _regroup(connection: sqlite3.Connection, members: Sequence[str]) -> None:
    """Name the parts that a story fell into, and look for other links between them."""
    parts = list(_parts(connection, members))
    for part in parts:
        _name(connection, part)
    if len(parts) > 1:
        for article_id in members:
            _join(connection, article_id)


def _parts(connection: sqlite3.Connection, members: Sequence[str]) -> Iterator[list[str]]:
    """The members that stored links join, group by group."""
    rest = set(members)
    for first in members:
        if first in rest:
            rest.remove(first)
            part = [first]
            for article_id in part:  # which grows meanwhile
                new = rest.intersection(_linked(connection, article_id))
                rest -= new
                part += sorted(new)
            yield part


# -- joining one --------------------------------------------------------------------


def _join(connection: sqlite3.Connection, article_id: str) -> None:
    """Compare an article with its candidates; join the stories of those it is a copy of."""
    wording: Wording | None = None
    joined = {_story_of(connection, article_id) or article_id}
    compared = 0
    for other in _candidates(connection, article_id):
        story = _story_of(connection, other) or other
        if story in joined:
            continue
        if compared == MAX_COMPARED:
            break
        compared += 1
        wording = wording or _wording(connection, article_id)
        if is_copy(wording, _wording(connection, other)):
            joined.add(story)
            connection.executemany(
                "INSERT INTO copies VALUES (?, ?)", _both_ways(article_id, [other])
            )
    if len(joined) > 1:
        _merge(connection, joined)


def _candidates(connection: sqlite3.Connection, article_id: str) -> Iterator[str]:
    """The articles that share anchors with one, best first: an anchor that few have says most."""
    found = _signature_of(connection, article_id)
    if found is None:
        return
    own, bands = found
    shared: Counter[int] = Counter()
    weight: dict[int, float] = {}
    for band in bands:
        rows = connection.execute(
            "SELECT row FROM bands WHERE band = ? ORDER BY row LIMIT ?", (band, MAX_PER_ANCHOR)
        ).fetchall()
        for (row,) in rows:
            shared[row] += 1
            weight[row] = weight.get(row, 0.0) + 1.0 / len(rows)
    least = min(MIN_SHARED_ANCHORS, len(bands))
    ranked = sorted((-weight[row], row) for row, n in shared.items() if n >= least and row != own)
    for _, row in ranked[:MAX_CANDIDATES]:
        (other,) = connection.execute(
            "SELECT article_id FROM signatures WHERE row = ?", (row,)
        ).fetchone()
        yield str(other)


def _merge(connection: sqlite3.Connection, names: set[str]) -> None:
    """Make one story of stories, given by name, and of articles alone, given by id."""
    story = min(names)
    for name in sorted(names):
        connection.execute(
            "UPDATE articles SET story = ? WHERE story = ? OR id = ?", (story, name, name)
        )


def _name(connection: sqlite3.Connection, members: Sequence[str]) -> None:
    story = min(members) if len(members) > 1 else None
    connection.executemany(
        "UPDATE articles SET story = ? WHERE id = ?", [(story, member) for member in members]
    )


# -- rows ---------------------------------------------------------------------------


def _signature_of(connection: sqlite3.Connection, article_id: str) -> tuple[int, list[int]] | None:
    """The row of an article's signature and its anchors; None if it has no signature."""
    found = connection.execute(
        "SELECT row, signature FROM signatures WHERE article_id = ?", (article_id,)
    ).fetchone()
    return None if found is None else (int(found[0]), anchors(found[1]))


def _story_of(connection: sqlite3.Connection, article_id: str) -> str | None:
    found = connection.execute("SELECT story FROM articles WHERE id = ?", (article_id,)).fetchone()
    return None if found is None or found[0] is None else str(found[0])


def _members(connection: sqlite3.Connection, story: str) -> list[str]:
    """The ids of a story's articles, ascending."""
    rows = connection.execute("SELECT id FROM articles WHERE story = ? ORDER BY id", (story,))
    return [article_id for (article_id,) in rows]


def _linked(connection: sqlite3.Connection, article_id: str) -> list[str]:
    rows = connection.execute("SELECT other_id FROM copies WHERE article_id = ?", (article_id,))
    return [other for (other,) in rows]


def _wording(connection: sqlite3.Connection, article_id: str) -> Wording:
    (text,) = connection.execute(
        f"SELECT v.text FROM articles a JOIN versions v ON {_CURRENT} WHERE a.id = ?",  # noqa: S608
        (article_id,),
    ).fetchone()
    return Wording.of(text)


def _both_ways(article_id: str, others: Iterable[str]) -> list[tuple[str, str]]:
    return [pair for other in others for pair in ((article_id, other), (other, article_id))]


def _each(values: Iterable[str]) -> list[tuple[str]]:
    return [(value,) for value in values]


# -- questions ----------------------------------------------------------------------


def story(connection: sqlite3.Connection, article_id: str) -> list[str]:
    """The ids of an article's story, its own among them: by date, then id; the undated last."""
    rows = connection.execute(
        f"SELECT a.id FROM articles a JOIN versions v ON {_CURRENT} "  # noqa: S608
        "WHERE a.id = :id OR a.story = (SELECT story FROM articles WHERE id = :id) "
        f"ORDER BY {_BY_DATE}",
        {"id": article_id},
    )
    return [found for (found,) in rows]


def copies(connection: sqlite3.Connection, article_id: str) -> list[ArticleRef]:
    """The other articles of an article's story: by date, then id; the undated last."""
    rows = connection.execute(
        f"SELECT {REF_COLUMNS} FROM articles a JOIN versions v ON {_CURRENT} "  # noqa: S608
        "WHERE a.id <> :id AND a.story = (SELECT story FROM articles WHERE id = :id) "
        f"ORDER BY {_BY_DATE}",
        {"id": article_id},
    )
    return [ref_of(row) for row in rows]


def count_copies(connection: sqlite3.Connection, article_ids: Sequence[str]) -> int:
    """How many of these articles, all just stored, carry a text that was there before them.

    Of several copies that are all among them, one brought the text.
    """
    here: Counter[str] = Counter()
    for article_id in article_ids:
        if found := _story_of(connection, article_id):
            here[found] += 1
    return sum(count - (len(_members(connection, name)) == count) for name, count in here.items())


def copies_of(
    connection: sqlite3.Connection, article_ids: Sequence[str], filters: Filters
) -> dict[str, list[Article]]:
    """The other articles of some articles' stories that pass the filters, `MAX_COPIES` of each.

    The earliest, by date, then id; the undated last. An article that is alone is left out.
    """
    clause, values = where(filters)
    marks = ",".join("?" * len(article_ids))
    rows = connection.execute(
        "WITH found AS (SELECT own.id AS own, a.id, a.current_version, "  # noqa: S608
        f"row_number() OVER (PARTITION BY own.id ORDER BY {_BY_DATE}) AS place "
        f"FROM articles own JOIN articles a ON own.id IN ({marks}) "
        f"AND a.story = own.story AND a.id <> own.id JOIN versions v ON {_CURRENT} {clause}) "
        f"SELECT {REF_COLUMNS}, v.text, a.own FROM found a JOIN versions v ON {_CURRENT} "
        "WHERE a.place <= ? ORDER BY a.own, a.place",
        (*article_ids, *values, MAX_COPIES),
    )
    found: dict[str, list[Article]] = {}
    for row in rows:
        found.setdefault(row[AFTER_REF + 1], []).append(Article(ref_of(row), row[AFTER_REF]))
    return found
