"""The truth, in SQLite."""
