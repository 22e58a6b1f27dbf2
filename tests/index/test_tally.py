"""Counts by day and outlet, and when the last version came."""

from datetime import UTC, date, datetime

from index.sources import record_to_raw
from index.store.tally import Tally
from tests.fakes import fake_dateline


def test_only_current_versions_count_and_days_are_in_utc(tmp_path):
    dateline = fake_dateline(tmp_path)
    try:
        store = dateline.engine.store
        assert (store.tallies(), store.last_ingest()) == ([], None)
        records = [
            {
                "id": "a",
                "text": "Gulls came.",
                "published": "2025-03-12T23:30:00-05:00",
                "source": "X",
            },
            {"id": "b", "text": "Gulls went.", "published": "2025-03-13", "source": "X"},
            {"id": "c", "text": "Gulls sat.", "published": "2025-03-13"},
            {"id": "d", "text": "Gulls slept."},
        ]
        for record in [*records, records[0] | {"text": "Gulls came back."}]:
            dateline.ingestor.ingest([record_to_raw(record, f"test#{record['id']}")])
        assert store.tallies() == [
            Tally(None, None, 1),
            Tally(date(2025, 3, 13), None, 1),
            Tally(date(2025, 3, 13), "X", 2),
        ]
        newest = store.last_ingest()
        assert newest == store.versions("a")[-1].ingested_at
        assert datetime(2020, 1, 1, tzinfo=UTC) < newest
    finally:
        dateline.close()
