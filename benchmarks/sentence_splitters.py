"""Compares sentence splitters on hand-written news paragraphs: quality, speed, import time.

    python -m benchmarks.sentence_splitters [--errors SPLITTER] [--json FILE]

A boundary is the offset at which a sentence other than the last one ends, white
space left out; precision, recall and F1 are counted over all paragraphs together.
Libraries that are not installed are left out and named. Needs nothing of the network.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path

GOLD = Path(__file__).parents[1] / "tests/index/prepare/sentences_gold.jsonl"
# Paragraphs are repeated to a text of about this many characters for the timing.
TIMED_CHARS = 100_000

Splitter = Callable[[str], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Gold:
    """A paragraph, the sentences it should fall into, and the half it belongs to."""

    kind: str
    half: str
    sentences: tuple[str, ...]

    @property
    def text(self) -> str:
        """The paragraph: its sentences with a space between them."""
        return " ".join(self.sentences)


@dataclass(frozen=True, slots=True)
class Score:
    """Boundaries found and missed; rates lie in [0, 1]."""

    right: int
    found: int
    expected: int

    @property
    def precision(self) -> float:
        """Share of the boundaries found that are right."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Share of the expected boundaries that were found."""
        return self.right / self.expected if self.expected else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        both = self.found + self.expected
        return 2 * self.right / both if both else 1.0


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    name: str
    version: str
    precision: float
    recall: float
    f1: float
    f1_dev: float
    f1_held_out: float
    chars_per_s: float
    import_ms: float


def load_gold(path: Path = GOLD) -> list[Gold]:
    """The paragraphs in file order."""
    records = (json.loads(line) for line in path.read_text("utf-8").splitlines())
    return [Gold(r["kind"], r["half"], tuple(r["sentences"])) for r in records]


def boundaries(text: str, sentences: Iterable[str]) -> set[int]:
    """Offsets at which all sentences but the last end, found by their visible characters."""
    visible = [at for at, char in enumerate(text) if not char.isspace()]
    ends, seen = [], 0
    for sentence in sentences:
        seen += sum(not char.isspace() for char in sentence)
        ends.append(visible[min(seen, len(visible)) - 1] + 1 if seen else 0)
    return set(ends[:-1]) - {0}


def score(gold: Iterable[Gold], split: Splitter) -> Score:
    """Boundaries of a splitter against the expected ones."""
    right = found = expected = 0
    for paragraph in gold:
        wanted = boundaries(paragraph.text, paragraph.sentences)
        got = boundaries(paragraph.text, split(paragraph.text))
        right += len(wanted & got)
        found += len(got)
        expected += len(wanted)
    return Score(right, found, expected)


def _dateline() -> Splitter:
    from index.prepare.sentences import split_sentences

    return lambda text: [sentence.text for sentence in split_sentences(text)]


def _nupunkt() -> Splitter:
    from nupunkt.models import load_default_model

    return load_default_model().texts


def _nupunkt_adaptive() -> Splitter:
    from nupunkt import sent_tokenize_adaptive

    return lambda text: [str(sentence) for sentence in sent_tokenize_adaptive(text)]


def _pysbd() -> Splitter:
    segmenter = import_module("pysbd").Segmenter(language="en", clean=False)
    return lambda text: list(segmenter.segment(text))


def _blingfire() -> Splitter:
    blingfire = import_module("blingfire")
    return lambda text: str(blingfire.text_to_sentences(text)).split("\n")


def _syntok() -> Splitter:
    segmenter = import_module("syntok.segmenter")

    def split(text: str) -> list[str]:
        paragraphs = segmenter.analyze(text)
        return ["".join(t.value for t in s) for paragraph in paragraphs for s in paragraph]

    return split


def _sentencex() -> Splitter:
    sentencex = import_module("sentencex")
    return lambda text: list(sentencex.segment("en", text))


LIBRARIES: dict[str, tuple[str, Callable[[], Splitter]]] = {
    "nupunkt": ("nupunkt", _nupunkt),
    "nupunkt, adaptive": ("nupunkt", _nupunkt_adaptive),
    "pysbd": ("pysbd", _pysbd),
    "blingfire": ("blingfire", _blingfire),
    "syntok": ("syntok", _syntok),
    "sentencex": ("sentencex", _sentencex),
    "Dateline": ("index.prepare.sentences", _dateline),
}


def measure(name: str, gold: list[Gold]) -> Row:
    """The line of one splitter."""
    module, load = LIBRARIES[name]
    split = load()
    total = score(gold, split)
    halves = [score([g for g in gold if g.half == half], split) for half in ("dev", "held_out")]
    return Row(
        name,
        "" if "." in module else importlib.metadata.version(module),
        precision=round(total.precision, 4),
        recall=round(total.recall, 4),
        f1=round(total.f1, 4),
        f1_dev=round(halves[0].f1, 4),
        f1_held_out=round(halves[1].f1, 4),
        chars_per_s=round(_speed(gold, split)),
        import_ms=round(_import_ms(module), 1),
    )


def _speed(gold: list[Gold], split: Splitter) -> float:
    """Characters per second over paragraphs of some 600 characters, best of three."""
    paragraphs = [" ".join(g.text for g in gold[at : at + 8]) for at in range(0, len(gold), 8)]
    chars = sum(map(len, paragraphs))
    rounds = max(1, TIMED_CHARS // chars)
    best = float("inf")
    for _ in range(3):
        began = time.perf_counter()
        for _ in range(rounds):
            for paragraph in paragraphs:
                list(split(paragraph))
        best = min(best, time.perf_counter() - began)
    return rounds * chars / best


def _import_ms(module: str) -> float:
    """Milliseconds to import a module and split one sentence, in a fresh process."""
    name = next(name for name, (of, _) in LIBRARIES.items() if of == module)
    code = (
        "import time;"
        "from benchmarks.sentence_splitters import LIBRARIES;"
        "began = time.perf_counter();"
        f"list(LIBRARIES[{name!r}][1]()('He left. She stayed.'));"
        "print((time.perf_counter() - began) * 1000)"
    )
    command = [sys.executable, "-W", "ignore", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    return float(done.stdout)


def errors(gold: list[Gold], split: Splitter) -> Iterable[str]:
    """Each paragraph that is split wrongly, as it was split."""
    for paragraph in gold:
        got = list(split(paragraph.text))
        if boundaries(paragraph.text, got) != boundaries(paragraph.text, paragraph.sentences):
            shown = " | ".join(part.strip() for part in got)
            yield f"{paragraph.half:8} {paragraph.kind:13} {shown}"


def table(rows: Iterable[Row]) -> str:
    """The rows in Markdown."""
    lines = [
        "| splitter | precision | recall | F1 | F1 dev | F1 held out | MB/s | first use |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        rates = (row.precision, row.recall, row.f1, row.f1_dev, row.f1_held_out)
        cells = [f"{row.name} {row.version}".strip(), *(f"{rate:.3f}" for rate in rates)]
        cells += [f"{row.chars_per_s / 1e6:.2f}", f"{row.import_ms:.0f} ms"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    """Print the table, or the errors of one splitter."""
    parser = argparse.ArgumentParser(description="Compare sentence splitters on news.")
    parser.add_argument("--errors", choices=LIBRARIES, help="list what one splitter gets wrong")
    parser.add_argument("--json", type=Path, help="also write the rows to this file")
    args = parser.parse_args()
    gold = load_gold()
    if args.errors:
        print("\n".join(errors(gold, LIBRARIES[args.errors][1]())))
        return
    missing = [n for n, (m, _) in LIBRARIES.items() if not importlib.util.find_spec(m)]
    rows = [measure(name, gold) for name in LIBRARIES if name not in missing]
    print(table(rows))
    if missing:
        print(f"not installed: {', '.join(missing)}", file=sys.stderr)
    if args.json:
        args.json.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")


if __name__ == "__main__":
    main()
