"""The report."""

from __future__ import annotations

from pathlib import Path

from rag.evaluation.results import Results


def write_report(folder: Path, results: Results) -> None:
    """Write it."""
