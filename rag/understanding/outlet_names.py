"""Names of outlets and the outlets that a corpus has: "New York Times" is nytimes.com.

A name and a source match when they share a key: their letters without spaces, a short form
of the first words ("ny" + "times"), the initials ("wsj"). Knows nothing of questions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field


def listed(words: str) -> frozenset[str]:
    """The words of a list."""
    return frozenset(words.split())


# Words that names of outlets end with, or hold.
OUTLET_WORDS = listed(
    "argus beacon broadcasting bugle bulletin business chronicle courier daily dispatch echo "
    "enquirer examiner express gazette globe guardian herald independent inquirer insider "
    "journal ledger magazine mail mercury mirror monitor network news newspaper observer "
    "post press record register reporter review sentinel standard star sun tabloid "
    "telegram telegraph times today tribune tv weekly wire"
)
# Outlets whose names do not tell that they are; a corpus need not have them.
BRANDS = listed(
    "abc afp ansa ap axios bbc bloomberg cbs cnbc cnn economist forbes fox newsweek npr nbc "
    "msnbc pbs politico reuters skynews slate spiegel vox wsj"
)
_GENERIC_END = re.compile(r"(?<=\w\w)(?:news|online|newspaper|magazine)$")
_NO_OUTLET_LABELS = listed("www edition m amp mobile en news rss feeds")
# Second labels of country domains: bbc.co.uk.
_SECOND = listed("co com org net gov ac edu or ne")
_LETTERS = re.compile(r"[^\W_]+")


def compact(name: str) -> str:
    """Letters and digits of a name, case-folded: `Harrow Ledger` is `harrowledger`."""
    return "".join(_LETTERS.findall(name.casefold()))


def is_domain(name: str) -> bool:
    """Whether it is an address such as `cnn.com`, and no name with a point in it."""
    return bool(re.fullmatch(r"[\w-]+(?:\.[\w-]+)+", name)) and not name.endswith(".")


def keys_of_source(source: str) -> frozenset[str]:
    """What a source may be called by."""
    whole = compact(_domain_name(source) if is_domain(source) else source)
    return frozenset(key for key in (whole, _GENERIC_END.sub("", whole)) if key)


def _domain_name(domain: str) -> str:
    labels = [part for part in domain.casefold().split(".") if part not in _NO_OUTLET_LABELS]
    if len(labels) > 2 and labels[-2] in _SECOND:
        return labels[-3]
    return labels[-2] if len(labels) > 1 else labels[0] if labels else domain


def keys_of_name(words: tuple[str, ...]) -> Iterator[str]:
    """What words that name an outlet may stand for, the fullest first."""
    whole = compact(" ".join(words))
    yield whole
    yield _GENERIC_END.sub("", whole)
    if words[0].casefold() == "the" and len(words) > 1:
        yield from keys_of_name(words[1:])
        return
    ends_as_outlet = words[-1].casefold() in OUTLET_WORDS
    if ends_as_outlet or len(words) > 2:
        for count in range(len(words) - 1, 0, -1):
            yield "".join(word[:1] for word in words[:count]).casefold() + compact(
                " ".join(words[count:])
            )
        yield "".join(word[:1] for word in words).casefold()


@dataclass(frozen=True, slots=True)
class Outlets:
    """The outlets of a corpus, by what they may be called."""

    by_key: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, sources: Iterable[str]) -> Outlets:
        """The outlets with these names, as the corpus has them."""
        by_key: dict[str, tuple[str, ...]] = {}
        for source in sorted(set(sources)):
            for key in sorted(keys_of_source(source)):
                by_key[key] = (*by_key.get(key, ()), source)
        return cls(by_key)

    def called(self, words: tuple[str, ...]) -> tuple[str, ...]:
        """The sources that these words name; none, one, or the several of one outlet."""
        if len(words) == 1 and is_domain(words[0]):
            return next((found for k in sorted(keys_of_source(words[0]))
                         if (found := self.by_key.get(k, ()))), ())  # fmt: skip
        return next(
            (found for key in keys_of_name(words) if (found := self.by_key.get(key, ()))), ()
        )


def looks_like_an_outlet(words: tuple[str, ...]) -> bool:
    """Whether a name is that of an outlet, by its words."""
    small = [word.casefold() for word in words]
    return small[-1] in OUTLET_WORDS or compact(" ".join(words)) in BRANDS or small[0] in BRANDS
