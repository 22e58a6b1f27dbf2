"""Questions that an article may answer, made from its headline and the names in its text.

They are guesses: whoever shows one asks it first. Surface forms of English, no model. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from index.documents import Article

# Names are looked for where an article says what it is about.
_LEAD_CHARS = 600
# A name that an article is about comes again.
_LEAST_MENTIONS = 3
MAX_CHARS = 90

_WORD = r"[^\W\d_a-zß-öø-ÿ][^\W_]*(?:[-’'.][^\W_]+)*"
_NAME = re.compile(rf"(?<![\w.’'-])(?:{_WORD})(?:\s(?:(?:of|de|van|von|the)\s)?{_WORD}){{1,3}}")
_NO_NAMES = re.compile(
    r"\b(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|January|February|March|April"
    r"|May|June|July|August|September|October|November|December|News|Wire|Post|Times|Press)\b"
)
_TITLES = re.compile(r"^(?:Mr|Mrs|Ms|Dr|Gov|Sen|Rep|Deputy|Mayor|President|The|A|An|But|And|In)\b")
_OPENS = re.compile(r"^(?:Challenger|Mayor|Judge|Chief|President|Minister)\s")


# A headline of this form asks to be asked this.
_FORMS: tuple[tuple[str, str], ...] = (
    (
        r"(?i:(?:death )?toll) (?:in|from) (?P<o>.+?) (?:climbs|rises|grows|reaches)\b",
        "How many people died in the {o}?",
    ),
    (r".+? (?:wins|won) (?:the )?(?P<o>[^\d$].+?)(?: (?:by|for) .+|,.+)?$", "Who won the {o}?"),
    (r".+ charged over (?P<o>.+)", "Who was charged over the {o}?"),
    (r".+ found guilty of (?P<o>[a-z].+)", "Who was found guilty of {o}?"),
    (r"(?P<s>.+?) launch(?:es)? .*\bbid for (?P<o>.+)", "What did {s} offer for {o}?"),
    (r"(?P<s>.+?) signs? (?P<o>.+)", "What did {s} sign?"),
    (r"(?P<s>.+?) cuts? rates?\b", "Why did the {s} cut its rate?"),
    (r"(?P<s>.+?) (?:picks?|chooses?) (?P<o>.+?) for (?P<p>.+)", "Where will {s} build its {p}?"),
    (
        r"(?P<s>.+?) forces? (?P<o>[\d,]+) from\b",
        "How many people had to leave because of the {s}?",
    ),
)
# "the Cracks in Sable Creek Dam": a noun that only began the headline.
_LOWERED = re.compile(r"(?<= the )[A-Z](?=[a-z]+ (?:in|at|on|near|over) )")
_OF_NAMES = ("What is the latest on {}?", "What do we know about {}?", "What happened to {}?")


def of_headline(article: Article) -> Iterator[str]:
    """Questions that the headline answers, if it has a form that is known."""
    if article.ref.title_is_derived:
        return
    title = " ".join(article.ref.title.split())
    for form, asked in _FORMS:
        match = re.match(form, title)
        if match is not None:
            question = asked.format(**match.groupdict()).replace("the The ", "The ")
            if len(question) <= MAX_CHARS:
                yield _LOWERED.sub(lambda found: found[0].lower(), question)


def of_names(article: Article, turn: int = 0) -> Iterator[str]:
    """Questions about names that the text comes back to, asked in one of several ways."""
    for name in _names(article.text):
        question = _OF_NAMES[turn % len(_OF_NAMES)].format(name)
        if len(question) <= MAX_CHARS:
            yield question


def _names(text: str) -> list[str]:
    """Names of the opening that the text comes back to, the most mentioned first."""
    found: dict[str, int] = {}
    for match in _NAME.finditer(text[:_LEAD_CHARS]):
        name = _OPENS.sub("", match.group())
        if (
            " " in name
            and name.upper() != name
            and not _NO_NAMES.search(name)
            and not _TITLES.match(name)
        ):
            found.setdefault(name, len(re.findall(rf"\b{re.escape(name.split()[-1])}\b", text)))
    often = [name for name, mentions in found.items() if mentions >= _LEAST_MENTIONS]
    return sorted(often, key=lambda name: (-found[name], name))
