"""The tables of the store, as numbered steps that each run once, in order.

A data directory records the number of the last step it has seen. A step is
never edited after a release; a change is a new step.
"""

from __future__ import annotations

import sqlite3

from index.errors import StoreFormatError

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE meta (
        key TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) WITHOUT ROWID;

    CREATE TABLE articles (
        id TEXT PRIMARY KEY,
        current_version INTEGER NOT NULL
    ) WITHOUT ROWID;

    -- Where an article came from, and the hash of what was last seen there.
    CREATE TABLE origins (
        origin TEXT PRIMARY KEY,
        article_id TEXT NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
        raw_sha256 TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX origins_by_article ON origins(article_id);

    CREATE TABLE versions (
        article_id TEXT NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        title TEXT NOT NULL,
        title_is_derived INTEGER NOT NULL,
        url TEXT,
        source TEXT,
        section TEXT,
        authors TEXT NOT NULL,
        published_at TEXT,
        published_precision TEXT,
        published_first REAL,
        published_last REAL,
        ingested_at TEXT NOT NULL,
        text TEXT NOT NULL,
        text_sha256 TEXT NOT NULL,
        raw BLOB NOT NULL,
        removed TEXT NOT NULL,
        notes TEXT NOT NULL,
        PRIMARY KEY (article_id, number)
    );
    CREATE INDEX versions_by_url ON versions(url);

    -- Searchable passages only. `row` is never used twice; `born` is the
    -- generation that added it.
    CREATE TABLE passages (
        row INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        article_id TEXT NOT NULL REFERENCES articles(id),
        version INTEGER NOT NULL,
        ordinal INTEGER NOT NULL,
        start INTEGER NOT NULL,
        "end" INTEGER NOT NULL,
        sentences TEXT NOT NULL,
        born INTEGER NOT NULL
    );
    CREATE INDEX passages_by_article ON passages(article_id);
    CREATE INDEX passages_by_born ON passages(born);

    CREATE TABLE vectors (
        row INTEGER PRIMARY KEY,
        vector BLOB NOT NULL
    );

    -- Rows that were searchable once, and the generation that took them away.
    CREATE TABLE tombstones (
        row INTEGER PRIMARY KEY,
        died INTEGER NOT NULL
    );
    CREATE INDEX tombstones_by_died ON tombstones(died);

    -- Immutable files of the dense index; rows in none of them are its tail.
    CREATE TABLE segments (
        name TEXT PRIMARY KEY,
        sha256 TEXT NOT NULL
    ) WITHOUT ROWID;
    """,
    """
    ALTER TABLE versions ADD COLUMN modified_at TEXT;
    ALTER TABLE versions ADD COLUMN modified_precision TEXT;
    ALTER TABLE versions ADD COLUMN language TEXT;
    ALTER TABLE versions ADD COLUMN place TEXT;
    ALTER TABLE versions ADD COLUMN agency TEXT;
    ALTER TABLE versions ADD COLUMN fetched_at TEXT;
    ALTER TABLE versions ADD COLUMN bytes_sha256 TEXT;

    -- The hash of the bytes that held one article and nothing else, where there were such:
    -- unchanged bytes need not be parsed.
    ALTER TABLE origins ADD COLUMN bytes_sha256 TEXT;
    """,
    """
    -- Articles that carry one text form a story, named by the smallest of their ids; an
    -- article that is alone has none.
    ALTER TABLE articles ADD COLUMN story TEXT;
    CREATE INDEX articles_by_story ON articles(story) WHERE story IS NOT NULL;

    CREATE TABLE signatures (
        row INTEGER PRIMARY KEY AUTOINCREMENT,
        article_id TEXT NOT NULL UNIQUE REFERENCES articles(id) ON DELETE CASCADE,
        signature BLOB NOT NULL
    );

    -- The anchors of each signature, by which articles with the same words are found.
    CREATE TABLE bands (
        band INTEGER NOT NULL,
        row INTEGER NOT NULL,
        PRIMARY KEY (band, row)
    ) WITHOUT ROWID;

    -- Pairs that were compared and are copies, each both ways round; they join every story.
    CREATE TABLE copies (
        article_id TEXT NOT NULL,
        other_id TEXT NOT NULL,
        PRIMARY KEY (article_id, other_id)
    ) WITHOUT ROWID;
    """,
    """
    -- Feeds that are subscribed to. `url` follows permanent redirects, `asked_url` does not;
    -- a feed without a next poll has stopped, and `error` says why.
    CREATE TABLE feeds (
        url TEXT PRIMARY KEY,
        asked_url TEXT NOT NULL,
        title TEXT,
        added_at TEXT NOT NULL,
        etag TEXT,
        last_modified TEXT,
        bytes_sha256 TEXT,
        polled_at TEXT,
        succeeded_at TEXT,
        next_poll_at TEXT,
        interval_s REAL,
        failures INTEGER NOT NULL DEFAULT 0,
        error TEXT
    ) WITHOUT ROWID;

    -- Entries of feeds that were dealt with, what they held then, and when the page of one
    -- that had only a summary is tried again.
    CREATE TABLE feed_entries (
        feed TEXT NOT NULL REFERENCES feeds(url) ON UPDATE CASCADE ON DELETE CASCADE,
        guid TEXT NOT NULL,
        url TEXT,
        content_sha256 TEXT NOT NULL,
        article_id TEXT,
        seen_at TEXT NOT NULL,
        tries INTEGER NOT NULL DEFAULT 0,
        try_at TEXT,
        PRIMARY KEY (feed, guid)
    ) WITHOUT ROWID;
    CREATE INDEX feed_entries_by_url ON feed_entries(url);

    -- What a server said of an address when it was last fetched, for conditional requests.
    CREATE TABLE fetches (
        url TEXT PRIMARY KEY,
        etag TEXT,
        last_modified TEXT,
        bytes_sha256 TEXT NOT NULL,
        fetched_at TEXT NOT NULL
    ) WITHOUT ROWID;
    """,
)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring an open store to the newest format.

    Raises:
        StoreFormatError: the store was written by a newer release.
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise StoreFormatError(
            f"the store has format {version}, this release reads up to {len(MIGRATIONS)}: "
            "update Dateline, or ingest into another data directory"
        )
    for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
        connection.executescript(f"BEGIN; {script} PRAGMA user_version = {number}; COMMIT;")
