"""Holds the names of a sentence (people, places, organisations) against the evidence.

A name is what is capitalised where grammar does not ask for it. Each of its words must be in
the evidence in some form: possessive, accent, acronym, nationality and short name do not
matter. Names in small letters are not seen: the semantic check has those.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Container, Sequence
from dataclasses import dataclass
from importlib.resources import files

from index.prepare.mentions.place import WEEKDAYS
from rag.answers import Verdict
from rag.expect import content_stems, stem
from rag.grounding.evidence import Line, by_cover
from rag.grounding.findings import MOST_FINDINGS, Check, Finding, Place

_DATA = tomllib.loads(files("rag.grounding").joinpath("names.toml").read_text("utf-8"))
TITLES = frozenset(_DATA["titles"].split())
_OPTIONAL = frozenset(_DATA["optional"].split())
_OPENERS = frozenset(_DATA["openers"].split())
_CALENDAR = frozenset([*(day.casefold() for day in WEEKDAYS), *_DATA["months"].split()])
_SAME: dict[str, frozenset[str]] = {}
for _row in [
    *(row.split() for row in _DATA["same"]),
    *([country, *people.split()] for country, people in _DATA["demonyms"]),
]:
    for _word in _row:
        _SAME[_word] = _SAME.get(_word, frozenset()) | frozenset(_row)

_NAME_WORD = re.compile(r"(?:[^\W\d_]\.){2,}|[^\W\d_][\w’'.&-]*[\w]|[^\W\d_]|&")
_JOINING = frozenset(_DATA["particles"].split())
_LONG_NAME = re.compile(r"[A-Z][\w’'-]+(?: (?:(?:of|the|and|for|&) )*[A-Z][\w’'-]+)+")
_ENDING = re.compile(r"['’]s?$")
# Where a capital says nothing: the beginning of a sentence or of a quotation.
_FRESH = re.compile(r"(?:^|[.!?:;]|[“\"‘(\[—–]|- )\s*[\"“‘'(]*$")
_COMMON_ENDS = (
    "ly",
    "ing",
    "ed",
    "tion",
    "tions",
    "ment",
    "ments",
    "ness",
    "ers",
    "ists",
    "ians",
    "s",
)
_SPEAKS = re.compile(r" (?:has |had |also )?(?:said|says|told|added|promised|denied|called)\b")
# A stem of at least so many letters may go on: "Ilmara", "Ilmaran".
_STEM_CHARS = 4


@dataclass(frozen=True, slots=True)
class Name:
    """Capitalised words that stand together, and those of them that must be in the evidence."""

    start: int
    end: int
    text: str
    words: tuple[str, ...]


def check_names(sentence: str, lines: Sequence[Line]) -> list[Finding]:
    """A finding for each name of `sentence`."""
    ordered = by_cover(frozenset(content_stems(sentence)), lines)
    known = _Known([line.text for line in ordered])
    whole = [span for span, initials in _long_names(sentence) if initials & known.words]
    return [
        _finding(name, known, ordered)
        for name in names_of(sentence, names_in(lines))[:MOST_FINDINGS]
        if not any(start <= name.start and name.end <= end for start, end in whole)
    ]


def names_of(text: str, known: Container[str] = ()) -> tuple[Name, ...]:
    """The names of a text, in order; titles, days and months are none.

    A lone capital at the beginning of a sentence says little: such a word is a name if it is
    one of the `known` ones, speaks, or owns something.
    """
    found: list[Name] = []
    run: list[re.Match[str]] = []
    for match in [*_NAME_WORD.finditer(text), None]:
        if match is not None and run and _goes_on(text, run[-1], match):
            run.append(match)
            continue
        found += _named(text, run, known)
        run = [match] if match is not None and _is_capital(match[0]) else []
    return tuple(found)


def names_in(lines: Sequence[Line]) -> frozenset[str]:
    """The words of all names of the evidence."""
    return frozenset(word for line in lines for n in names_of(line.text) for word in n.words)


def _is_capital(word: str) -> bool:
    return word[0].isupper()


def _goes_on(text: str, last: re.Match[str], match: re.Match[str]) -> bool:
    between = text[last.end() : match.start()]
    if between not in (" ", ". ") or last[0].endswith(("'s", "’s")):
        return False
    if between == ". " and len(last[0]) > 3:
        return False
    return _is_capital(match[0]) or match[0] in _JOINING


def _named(text: str, run: Sequence[re.Match[str]], known: Container[str]) -> list[Name]:
    """The name that a run of words is, without what is none at its ends."""
    while run and (not _is_capital(run[-1][0]) or folded(run[-1][0]) in _CALENDAR):
        run = run[:-1]
    while run and (run[0][0] in _JOINING or _is_no_name(text, run[0], len(run) == 1, known)):
        run = run[1:]
    words = tuple(
        word
        for match in run
        if (word := folded(match[0])) not in TITLES | _JOINING | _CALENDAR and _is_capital(match[0])
    )
    if not words:
        return []
    start, end = run[0].start(), run[-1].end()
    return [Name(start, end, text[start:end], words)]


def _is_no_name(
    text: str,
    match: re.Match[str],
    alone: bool,
    known: Container[str],
) -> bool:
    word = folded(match[0])
    if word in TITLES or word in _CALENDAR or word in ("i", "i'm", "i'll", "i've", "i'd"):
        return True
    if not _FRESH.search(text[: match.start()][-12:]):
        return False
    if match[0].isupper() and len(match[0]) > 1 and word not in _OPENERS:
        return False
    if word in _OPENERS:
        return True
    return alone and word not in known and not _acts_as_name(text, match)


def _acts_as_name(text: str, match: re.Match[str]) -> bool:
    """Whether a lone word that opens a sentence is a name: it speaks or owns something."""
    if folded(match[0]).endswith(_COMMON_ENDS):
        return False
    return match[0].endswith(("'s", "’s")) or bool(_SPEAKS.match(text, match.end()))


def folded(word: str) -> str:
    """A word in small letters, without accents, possessive ending and final stop."""
    plain = unicodedata.normalize("NFKD", word.replace("’", "'"))
    plain = "".join(c for c in plain if not unicodedata.combining(c)).casefold()
    return _ENDING.sub("", plain).rstrip(".")


class _Known:
    """The words of the evidence, in the forms in which a name may return."""

    def __init__(self, texts: Sequence[str]) -> None:
        whole = " \n ".join(texts)
        self.words = {
            folded(word) for word in re.findall(r"(?:[^\W\d_]\.){2,}|[\w’'.&-]*\w", whole)
        }
        self.words |= {part for word in self.words for part in re.split(r"[-.'&]", word) if part}
        self.stems = {stem(word) for word in self.words}
        self.joined = " " + " ".join(re.findall(r"\w+", folded(whole))) + " "
        self.initials = {i for text in texts for _, made in _long_names(text) for i in made}

    def has(self, word: str) -> bool:
        return _has(self, word)


def _has(known: _Known, word: str) -> bool:
    if word in known.words or stem(word) in known.stems or _plain(word) in known.initials:
        return True
    if any(f" {other.replace('-', ' ')} " in known.joined for other in _SAME.get(word, ())):
        return True
    parts = [part for part in re.split(r"[-&.]", word) if part]
    if len(parts) > 1 and all(len(part) > 1 for part in parts):
        return all(known.has(part) for part in parts)
    return any(grown(word, other) for other in known.words)


def _plain(word: str) -> str:
    return word.replace(".", "").replace("&", "")


def grown(word: str, other: str) -> bool:
    """Whether one is the other with an ending of names: "Ilmara" and "Ilmaran"."""
    short, long = sorted((word, other), key=len)
    if len(short) < _STEM_CHARS or short[: len(short) - 1] != long[: len(short) - 1]:
        return False
    ends = ("n", "an", "ian", "ese", "i", "ish", "ic", "s", "es", "ns", "ans", "ians", "er", "ers")
    kept = len(short) if long.startswith(short) else len(short) - 1
    return long[kept:] in ends or (len(long) == len(short) and kept == len(short))


def _long_names(text: str) -> list[tuple[tuple[int, int], set[str]]]:
    """Spans of capitalised words with the acronyms that they make, small words in or out.

    Words before a name may have a capital, too ("Agents of the …"): any may be its first.
    """
    found = []
    for match in _LONG_NAME.finditer(text):
        words = match[0].split()
        runs = [words[first:] for first, word in enumerate(words[:-1]) if word[0].isupper()]
        initials = {"".join(word[0] for word in run).casefold() for run in runs}
        initials |= {"".join(w[0] for w in run if w[0].isupper()).casefold() for run in runs}
        found.append((match.span(), initials))
    return found


def _finding(name: Name, known: _Known, lines: Sequence[Line]) -> Finding:
    missing = [word for word in name.words if not known.has(word)]
    grave = [word for word in missing if word not in _OPTIONAL]
    if missing and (grave or len(missing) == len(name.words)) and not _spelt_out(name, known):
        return _absent(name, missing, lines)
    return _of(name, Verdict.SUPPORTED, _place(name, lines), "the evidence has this name")


def _spelt_out(name: Name, known: _Known) -> bool:
    """Whether the evidence has the acronym of these words."""
    initials = "".join(word[0] for word in name.words)
    other = f" {' '.join(name.words)} "
    same = {
        word for row in _SAME.values() for word in row if word.replace("-", " ") == other.strip()
    }
    return (len(initials) > 1 and initials in {_plain(w) for w in known.words}) or any(
        known.has(alias) for word in same for alias in _SAME[word] if "-" not in alias
    )


def _absent(name: Name, missing: Sequence[str], lines: Sequence[Line]) -> Finding:
    """Contradicted where the evidence has another first name with the same last one."""
    if len(name.words) > 1 and name.words[-1] not in missing and name.words[0] in missing:
        for line in lines:
            for other in names_of(line.text):
                if len(other.words) == len(name.words) and other.words[-1] == name.words[-1]:
                    told = f"the evidence has {other.text!r} instead"
                    return _of(name, Verdict.CONTRADICTED, line.part(other.start, other.end), told)
    return _of(name, Verdict.UNSUPPORTED, None, f"the evidence lacks {', '.join(missing)}")


def _place(name: Name, lines: Sequence[Line]) -> Place | None:
    """Where the name's last word stands, in the line that says most of the sentence."""
    for word in reversed(name.words):
        for line in lines:
            for match in _NAME_WORD.finditer(line.text):
                if folded(match[0]) == word:
                    return line.part(match.start(), match.end())
    return None


def _of(name: Name, verdict: Verdict, found: Place | None, told: str) -> Finding:
    return Finding(
        Check.NAME, verdict, name.start, name.end, name.text, found, f"{name.text!r}: {told}"
    )
