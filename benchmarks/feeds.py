"""Feeds that are whole, and thousands that are broken: what becomes of each, how fast.

    python -m benchmarks.feeds [--shared DIR] [--mutants N] [--seed N] [--list]

DIR holds `data/feeds-dev`. Every feed there is parsed or refused with a reason, then N
mutants of them: cut short, bytes flipped, wrong encodings, entity bombs, deep nesting,
doubled chunks, huge attributes, NUL bytes. What raises anything but a refusal, or takes
more than the limits below, fails the run. The process that parses may have 2 GiB.
"""

from __future__ import annotations

import argparse
import gzip
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from index.errors import SourceError
from index.sources.feeds import parse_feed
from index.sources.payload import Payload

SHARED = Path(__file__).resolve().parents[2] / "shared"
MAX_SECONDS = 10.0
MAX_ADDRESS_SPACE = 2 << 30

_BOMB = (
    b'<!DOCTYPE rss [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (name, b"&%c;" % (name - 1) * 10) for name in range(98, 108))
    + b"]>"
)
_OUTSIDE = b'<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
_QUADRATIC = b'<!DOCTYPE rss [<!ENTITY a "' + b"ha" * 50_000 + b'">]>'


def cut(data: bytes, chance: random.Random) -> bytes:
    """The beginning alone."""
    return data[: chance.randrange(len(data))]


def flipped(data: bytes, chance: random.Random) -> bytes:
    """Some bytes replaced by others."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 10, 100, 1_000))):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def misnamed(data: bytes, chance: random.Random) -> bytes:
    """Another encoding than it declares, or a declaration of another."""
    text = data.decode("utf-8", "replace")
    encoding = chance.choice(("utf-16", "utf-16-le", "utf-32", "cp1252", "shift_jis", "utf-7"))
    if chance.random() < 0.5:
        return text.encode(encoding, "replace")
    data = data.replace(b" ", b"\xff", 1) + b"a" * chance.choice((0, 500_000))
    named = chance.choice(
        ("utf-16", "ascii", "ebcdic-cp-be", "no-such-code", "koi8-r", "zlib", "idna", "punycode")
    )
    return b'<?xml version="1.0" encoding="%s"?>' % named.encode() + data.partition(b"?>")[2]


def bombed(data: bytes, chance: random.Random) -> bytes:
    """Entities that expand without bound, or that stand for a file."""
    prolog = chance.choice((_BOMB, _OUTSIDE, _QUADRATIC))
    reference = b"&k;" if prolog is _BOMB else b"&a;" * 5_000
    body = data.partition(b"?>")[2] or data
    return prolog + body.replace(b"<title>", b"<title>" + reference, 3)


def nested(data: bytes, chance: random.Random) -> bytes:
    """An element within itself, a hundred thousand times."""
    tag = chance.choice((b"div", b"item", b"entry", b"channel", b"a:b", b"title", b"author"))
    deep = (b"<%s>" % tag) * chance.choice((1_000, 100_000))
    if chance.random() < 0.5:
        deep = deep.replace(b"<", b"&lt;").replace(b">", b"&gt;")
    return _inserted(data, deep, chance)


def doubled(data: bytes, chance: random.Random) -> bytes:
    """A piece of it again, some times, somewhere else."""
    start = chance.randrange(len(data))
    piece = data[start : start + chance.randrange(1, 5_000)]
    return _inserted(data, piece * chance.choice((1, 2, 50)), chance)


def swollen(data: bytes, chance: random.Random) -> bytes:
    """An attribute, a name or a text of a megabyte, or a hundred thousand attributes."""
    return _inserted(
        data,
        chance.choice(
            (
                b'<link href="' + b"a" * 1_000_000 + b'"/>',
                b"<author>" + b"a." * 500_000 + b"</author>",
                b"<pubDate>" + b"1 " * 500_000 + b"</pubDate>",
                b"<x " + b" ".join(b'a%d="1"' % i for i in range(100_000)) + b"/>",
                b"<x " + b" ".join(b'xmlns:a%d="u:%d"' % (i, i) for i in range(20_000)) + b"/>",
                b"".join(b"<p%d:x/>" % i for i in range(50_000)),
                b"<item/>" * 100_000,
                b"<" + b"a" * 1_000_000 + b"/>",
                b"&amp;" * 200_000,
                b"<!--" * 100_000,
                b"<![CDATA[" * 100_000,
                b"<description>" + b"&lt;a &lt;b " * 100_000 + b"</description>",
            )
        ),
        chance,
    )


def zeroed(data: bytes, chance: random.Random) -> bytes:
    """NUL bytes and other control characters between the others."""
    junk = bytes(chance.choice((0, 0, 1, 11, 27, 255)) for _ in range(chance.choice((1, 500))))
    return _inserted(data, junk, chance)


def packed(data: bytes, chance: random.Random) -> bytes:
    """In gzip: whole, damaged, or of a thousand times its size."""
    kind = chance.randrange(3)
    if kind == 2:
        return gzip.compress(data + b" " * 60_000_000, 1)
    return gzip.compress(data) if kind else flipped(gzip.compress(data), chance)


def _inserted(data: bytes, piece: bytes, chance: random.Random) -> bytes:
    place = data.find(b">", chance.randrange(len(data))) + 1
    return data[:place] + piece + data[place:]


MUTATIONS: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "cut short": cut,
    "bytes flipped": flipped,
    "wrong encoding": misnamed,
    "entity bomb": bombed,
    "deep nesting": nested,
    "doubled chunks": doubled,
    "swollen": swollen,
    "control bytes": zeroed,
    "gzip": packed,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one document."""

    name: str
    kind: str
    entries: int
    refusal: str | None
    crash: str | None
    seconds: float


def outcome(name: str, kind: str, data: bytes) -> Outcome:
    """Parse one document."""
    entries, refusal, crash = 0, None, None
    started = time.perf_counter()
    try:
        entries = len(parse_feed(Payload(name, data, url="https://feeds.example/feed")).entries)
    except SourceError as error:
        refusal = error.reason
    except BaseException as error:
        crash = f"{type(error).__name__}: {error}"
    return Outcome(name, kind, entries, refusal, crash, time.perf_counter() - started)


def mutants(files: list[Path], count: int, seed: int) -> list[Outcome]:
    """Parse so many mutants, the kinds in turn, of files chosen by chance."""
    chance = random.Random(seed)
    outcomes = []
    for number in range(count):
        kind = list(MUTATIONS)[number % len(MUTATIONS)]
        file = chance.choice(files)
        data = MUTATIONS[kind](file.read_bytes(), chance)
        outcomes.append(outcome(f"{file.name}/{number}", kind, data))
    return outcomes


def table(outcomes: list[Outcome]) -> None:
    """Print a line for each kind."""
    print(
        f"{'kind':16} {'documents':>9} {'parsed':>7} {'entries':>8} {'refused':>8} {'crashed':>8}"
        f" {'median ms':>10} {'slowest ms':>11}  slowest"
    )
    for kind in dict.fromkeys(one.kind for one in outcomes):
        own = [one for one in outcomes if one.kind == kind]
        times = sorted(one.seconds * 1_000 for one in own)
        slowest = max(own, key=lambda one: one.seconds)
        refused = sum(one.refusal is not None for one in own)
        crashed = sum(one.crash is not None for one in own)
        print(
            f"{kind:16} {len(own):9} {len(own) - refused - crashed:7} "
            f"{sum(one.entries for one in own):8} {refused:8} {crashed:8} "
            f"{times[len(times) // 2]:10.1f} {times[-1]:11.1f}  {slowest.name}"
        )


def main() -> int:
    """Runs it; the exit code is 1 when a document crashed or took too long."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--shared", type=Path, default=SHARED)
    arguments.add_argument("--mutants", type=int, default=2_000)
    arguments.add_argument("--seed", type=int, default=13)
    arguments.add_argument("--list", action="store_true", help="what became of each whole feed")
    options = arguments.parse_args()
    files = sorted((options.shared / "data" / "feeds-dev").iterdir())
    resource.setrlimit(resource.RLIMIT_AS, (MAX_ADDRESS_SPACE, MAX_ADDRESS_SPACE))

    started = time.perf_counter()
    whole = [outcome(file.name, "whole", file.read_bytes()) for file in files]
    if options.list:
        for one in whole:
            said = one.crash or one.refusal or f"{one.entries} entries"
            print(f"  {one.name:48} {one.seconds * 1_000:7.1f} ms  {said}")
    broken = mutants(files, options.mutants, options.seed)
    table(whole + broken)
    reasons = Counter(" ".join(str(one.refusal).split()[:5]) for one in broken if one.refusal)
    print(
        "\nrefusals:",
        *(f"{count} × {said} …" for said, count in reasons.most_common(8)),
        sep="\n  ",
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024
    print(f"\n{time.perf_counter() - started:.0f} s, peak memory {peak:.0f} MB")
    failed = [o for o in whole + broken if o.crash or o.seconds > MAX_SECONDS]
    for one in failed:
        print(f"FAILED {one.name} ({one.kind}): {one.crash or f'{one.seconds:.1f} s'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
