"""What the command line prints: made safe, styled on a terminal, plain otherwise.

Articles come from anywhere, so whatever could move the cursor, change colours or turn
the direction of writing is taken out before a terminal sees it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import textwrap
from typing import Any

import typer

# Longer lines are hard to read, however wide the terminal.
MAX_WIDTH = 100
# Control characters but tab and line feed (C0, DEL, C1), and what turns or hides text.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff"
    "\U000e0000-\U000e007f\ud800-\udfff]"
)


def safe(text: str) -> str:
    """The text without anything that a terminal would act on."""
    return _UNSAFE.sub("", text)


def one_line(text: str) -> str:
    """The text, safe and on one line."""
    return " ".join(safe(text).split())


def say(text: str = "", **style: Any) -> None:
    """Print text to standard output, made safe; `style` is that of `typer.style`."""
    typer.echo(styled(text, **style))


def say_text(text: str, *, indent: int = 0, **style: Any) -> None:
    """Print words of articles: broken between words on a terminal, as they are otherwise."""
    pad = " " * indent
    lines = safe(text).split("\n")
    if sys.stdout.isatty():
        width = min(shutil.get_terminal_size().columns, MAX_WIDTH) - indent
        lines = [part for line in lines for part in _wrapped(line, max(width, 20))]
    say("\n".join(pad + line if line else "" for line in lines), **style)


def _wrapped(line: str, width: int) -> list[str]:
    return textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False) or [""]


def styled(text: str, **style: Any) -> str:
    """The text, safe and in a style of `typer.style`; plain where NO_COLOR is set."""
    return typer.style(safe(text), **style) if style and not _plain() else safe(text)


def _plain() -> bool:
    return bool(os.environ.get("NO_COLOR"))


def note(text: str) -> None:
    """Print a line about the run to standard error."""
    typer.echo(safe(text), err=True)


def complain(text: str) -> None:
    """Print what went wrong to standard error, on one line."""
    typer.echo(styled("error: ", fg="red", bold=True) + one_line(text), err=True)


def say_json(value: Any) -> None:
    """Print a value as JSON; what a terminal would act on is escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    typer.echo(_UNSAFE.sub(_escaped, text))


def _escaped(match: re.Match[str]) -> str:
    return json.dumps(match[0])[1:-1]


def duration(seconds: float) -> str:
    """`42 s`, `3 min 20 s`, `2 h 5 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def size(count: float) -> str:
    """`512 B`, `3.4 MB`."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def several(count: int, noun: str, plural: str | None = None) -> str:
    """`1 article`, `2 articles`."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"
