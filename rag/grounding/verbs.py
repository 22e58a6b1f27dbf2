"""Forms of one verb under one key: "won" and "wins", "paid" and "pays"."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from importlib.resources import files

from rag.expect import stem

_DATA = tomllib.loads(files("rag.grounding").joinpath("negation.toml").read_text("utf-8"))
_ONE_VERB = {stem(form): stem(row.split()[0]) for row in _DATA["irregular"] for form in row.split()}
# Every form that is listed.
VERB_FORMS = frozenset(
    form
    for row in _DATA["irregular"]
    for form in (*row.split(), f"{row.split()[0]}s", f"{row.split()[0]}es")
)


def verb_key(stemmed: str) -> str:
    """The key of a stem: that of the verb's first form, else the stem itself."""
    return _ONE_VERB.get(stemmed, stemmed)


def verb_keys(stems: Iterable[str]) -> frozenset[str]:
    """The keys of stems."""
    return frozenset(map(verb_key, stems))
