"""How well the text, title and date of an article are found on its page, next to others.

    python -m benchmarks.extraction [--shared DIR] [--data NAME] [--worst N] [--systems A,B]
                                    [--without names|elements|both|paragraphs]

DIR holds `data/html-dev` (or NAME in place of `html-dev`) with `pages/ID.html.gz` and
`truth.jsonl`, a record {id, title, published, site, text} for each page. Prints for each
system the token-level precision, recall and F1 of the text (macro averages over pages),
titles and dates exactly right, pages that it refused, and CPU time. Tokens are words in
lower case, or characters in scripts without spaces, as a multiset. Below are the
differences in F1 to the others with a bootstrap interval over pages, and with `--worst`
the pages where the most is wrong. `dateline` is the text as `page_to_raw` gives it,
`dateline prepared` the same after boilerplate is removed; the last two rows are what the
two extractors inside it agree on or take at all, without its judgement.

`--without` changes the pages first, to show what does not rest on how these few outlets
write theirs: it takes out `names` (class, id, itemprop and role), turns the `elements`
article, main, section, aside, header, footer, nav, figure and figcaption into div, or both,
or turns `paragraphs` into div.

Titles are equal where they are after quotes and white space are folded; "outlet aside"
takes the outlet's name off both. Dates are equal where they name one day, or one instant
where both have a time; pages without a known date do not count.

The others need `pip install readability-lxml newspaper4k`; one that is missing is left out.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import statistics
import time
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import trafilatura
from lxml import html

from index.documents import PublicationDate
from index.errors import SourceError
from index.prepare import prepare
from index.prepare.dates import parse_date
from index.sources.pages.html import page_to_raw
from index.sources.pages.html_blocks import parse
from index.sources.pages.page_text import votes
from index.sources.pages.page_values import machine_date, without_outlet
from index.sources.payload import Payload
from index.sources.text import decode

SHARED = Path(__file__).resolve().parents[2] / "shared"
SEED = 13
RESAMPLES = 10_000
_TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]|[^\W_]+")
_NAMES = re.compile(r"\s(?:class|id|itemprop|role)\s*=\s*(?:\"[^\"]*\"|'[^']*')")
_ELEMENTS = re.compile(
    r"(</?)(?:article|main|section|aside|header|footer|nav|figure|figcaption)\b", re.IGNORECASE
)
_PARAGRAPHS = re.compile(r"(</?)p\b", re.IGNORECASE)
_QUOTES = str.maketrans("“”„‘’`", "\"\"\"'''")


@dataclass(frozen=True, slots=True)
class Page:
    """A page and what a reader finds on it."""

    id: str
    data: bytes
    title: str
    published: str | None
    site: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a system found on a page."""

    text: str
    title: str | None = None
    published: str | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """How good the text found on one page is."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def ours(page: Page) -> Found:
    """The article as it comes from its page."""
    raw = page_to_raw(Payload(page.id, page.data))
    return Found(raw.text, raw.title, raw.published)


def prepared(page: Page) -> Found:
    """The article as it is stored."""
    article = prepare(page_to_raw(Payload(page.id, page.data)))
    date = article.published.isoformat() if article.published else None
    return Found(article.text, article.title, date)


def by_both(page: Page) -> Found:
    """The blocks that both extractors take, without further judgement."""
    cast = votes(parse(decode(page.data))[0])
    return Found("\n".join(v.block.text for v in cast if v.trafilatura and v.readability))


def by_either(page: Page) -> Found:
    """The blocks that one of the extractors takes, without further judgement."""
    cast = votes(parse(decode(page.data))[0])
    return Found("\n".join(v.block.text for v in cast if v.trafilatura or v.readability))


def by_trafilatura(page: Page) -> Found:
    """Alone, as it is set by default."""
    found = trafilatura.bare_extraction(page.data, with_metadata=True)
    return Found("") if found is None else Found(found.text or "", found.title, found.date)


def by_readability(page: Page) -> Found:
    """Alone, with its text taken out of its HTML."""
    from readability import Document

    document = Document(decode(page.data))
    title = document.short_title()
    return Found(html.fromstring(document.summary()).text_content(), title)


def by_newspaper(page: Page) -> Found:
    """Alone; without its packages for a language, it is told nothing of that."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import newspaper

        for settings in ({}, {"use_meta_language": False}):
            article = newspaper.Article("https://news.example/a", fetch_images=False, **settings)
            article.download(input_html=decode(page.data))
            try:
                article.parse()
            except ImportError:
                continue
            date = article.publish_date
            return Found(article.text, article.title, date.isoformat() if date else None)
    raise ImportError("newspaper4k reads no page of this language")


SYSTEMS: dict[str, Callable[[Page], Found]] = {
    "dateline": ours,
    "dateline prepared": prepared,
    "trafilatura": by_trafilatura,
    "readability-lxml": by_readability,
    "newspaper4k": by_newspaper,
    "both extractors": by_both,
    "either extractor": by_either,
}


def pages(directory: Path) -> list[Page]:
    """The pages of a set, in the order of their file."""
    found = []
    for line in (directory / "truth.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        with gzip.open(directory / "pages" / f"{record['id']}.html.gz") as packed:
            found.append(Page(data=packed.read(), **record))
    return found


def changed(page: Page, without: str | None) -> Page:
    """The page without something that extractors go by."""
    if without is None:
        return page
    markup = decode(page.data)
    if without in ("names", "both"):
        markup = _NAMES.sub("", markup)
    if without in ("elements", "both"):
        markup = _ELEMENTS.sub(r"\1div", markup)
    if without == "paragraphs":
        markup = _PARAGRAPHS.sub(r"\1div", markup)
    return replace(page, data=markup.encode())


def tokens(text: str) -> Counter[str]:
    """The words of a text, or its characters where words have no spaces between them."""
    return Counter(_TOKEN.findall(text.lower()))


def score(text: str, truth: str) -> Score:
    """Precision and recall of the tokens of a text."""
    found, expected = tokens(text), tokens(truth)
    shared = sum((found & expected).values())
    if not shared:
        return Score(0.0, 0.0)
    return Score(shared / found.total(), shared / expected.total())


def folded(title: str | None) -> str:
    """A title with plain quotes and single spaces."""
    return " ".join((title or "").translate(_QUOTES).split())


def same_date(found: str | None, truth: str) -> bool:
    """Whether both name one instant, or one day where either names no more."""
    first, second = _date(found), _date(truth)
    if first is None or second is None:
        return False
    if first.precision == second.precision == "second":
        return first.at.replace(microsecond=0) == second.at.replace(microsecond=0)
    return first.at.date() == second.at.date()


def _date(stated: str | None) -> PublicationDate | None:
    return parse_date(machine_date(stated)) if stated else None


def interval(differences: list[float]) -> tuple[float, float]:
    """The middle 95 % of the mean over pages drawn with replacement."""
    chance = random.Random(SEED)
    count = len(differences)
    means = sorted(sum(chance.choices(differences, k=count)) / count for _ in range(RESAMPLES))
    return means[int(0.025 * RESAMPLES)], means[int(0.975 * RESAMPLES) - 1]


def run(system: Callable[[Page], Found], chosen: list[Page]) -> tuple[list[Found | None], float]:
    """What a system finds on each page, None where it refuses, and its CPU seconds."""
    found: list[Found | None] = []
    started = time.process_time()
    for page in chosen:
        try:
            found.append(system(page))
        except (SourceError, ValueError, AttributeError, LookupError):
            found.append(None)
    return found, time.process_time() - started


def row(name: str, found: list[Found | None], chosen: list[Page], seconds: float) -> list[Score]:
    """Print the row of a system; the scores of its pages."""
    pairs = [(one or Found(""), page) for one, page in zip(found, chosen, strict=True)]
    scores = [score(one.text, page.text) for one, page in pairs]
    titles = sum(folded(one.title) == folded(page.title) for one, page in pairs)
    aside = sum(
        folded(without_outlet(one.title or "", [page.site or ""]))
        == folded(without_outlet(page.title, [page.site or ""]))
        for one, page in pairs
    )
    dated = [(one, page.published) for one, page in pairs if page.published]
    dates = sum(same_date(one.published, truth) for one, truth in dated)
    mean = statistics.fmean
    print(
        f"{name:20} {mean(s.precision for s in scores):9.4f} {mean(s.recall for s in scores):7.4f}"
        f" {mean(s.f1 for s in scores):7.4f} {titles / len(pairs):7.1%} {aside / len(pairs):13.1%}"
        f" {f'{dates} of {len(dated)}':>9} {found.count(None):8}"
        f" {1000 * seconds / len(pairs):8.0f}"
    )
    return scores


def main() -> None:
    """Runs the systems over the pages and prints how they did."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--shared", type=Path, default=SHARED)
    arguments.add_argument("--data", default="html-dev", help="the set under DIR/data")
    arguments.add_argument("--worst", type=int, default=0, help="pages shown with the lowest F1")
    arguments.add_argument("--without", choices=("names", "elements", "both", "paragraphs"))
    arguments.add_argument("--systems", help="only these, separated by commas (default: all)")
    options = arguments.parse_args()

    directory = options.shared / "data" / options.data
    chosen = [changed(page, options.without) for page in pages(directory)]
    names = options.systems.split(",") if options.systems else list(SYSTEMS)
    print(
        f"{len(chosen)} pages\n{'system':20} precision  recall      F1  titles  outlet aside"
        f"     dates  refused   CPU ms"
    )
    scores: dict[str, list[Score]] = {}
    for name in names:
        try:
            SYSTEMS[name](chosen[0])  # what is loaded once is no time of a page
        except ImportError as error:
            print(f"{name:20} left out: {error}")
            continue
        found, seconds = run(SYSTEMS[name], chosen)
        scores[name] = row(name, found, chosen, seconds)

    print("\ndifference in F1, 95 % of 10,000 resamples of the pages")
    for name in scores:
        for other in scores:
            if name.startswith("dateline") and not other.startswith("dateline"):
                pairs = zip(scores[name], scores[other], strict=True)
                differences = [one.f1 - two.f1 for one, two in pairs]
                low, high = interval(differences)
                print(f"{name:20} - {other:18} {statistics.fmean(differences):+.4f}"
                      f" [{low:+.4f}, {high:+.4f}]")  # fmt: skip

    order = sorted(range(len(chosen)), key=lambda n: scores[names[0]][n].f1)
    for number in order[: options.worst]:
        print(f"\n{chosen[number].id}")
        for name in scores:
            one = scores[name][number]
            print(f"  {name:20} {one.precision:.3f} {one.recall:.3f} {one.f1:.3f}")


if __name__ == "__main__":
    main()
