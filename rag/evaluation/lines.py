"""Files of lines, plain or packed with gzip, and the lines that could not be used.

A bad line is kept with its number and the reason, and the run goes on.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.evaluation.errors import EvaluationError

_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that was passed over, by its number from 1, and why."""

    line: int
    reason: str


def read_text(path: Path) -> str:
    """The text of a file, unpacked; bytes that are no UTF-8 are replaced.

    Raises:
        EvaluationError: it cannot be read.
    """
    try:
        data = path.read_bytes()
        if data.startswith(_GZIP):
            data = gzip.decompress(data)
    except OSError as error:
        what = error.strerror or error
        raise EvaluationError(f"{str(path)!r} cannot be read ({what}): name another file") from None
    except EOFError:
        raise EvaluationError(f"{str(path)!r} is cut short: fetch it again") from None
    return data.decode("utf-8-sig", "replace")


def numbered(text: str) -> Iterator[tuple[int, str]]:
    """The lines that are not blank, with their numbers from 1."""
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield number, line.strip("\r")


def json_lines(text: str) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """The objects of JSON Lines with their numbers; words where a line holds none."""
    for number, line in numbered(text):
        try:
            value = json.loads(line)
        except ValueError as error:
            yield number, f"it is not JSON ({error})"
            continue
        yield number, value if isinstance(value, dict) else "it is not a JSON object"
