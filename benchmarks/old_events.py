"""Does the prior for recent articles cost questions whose answer is old? Hits@1 by its age.

    python -m benchmarks.old_events --home HOME --split report

Age: of the newest labelled article, at asking. The same passages are ranked with the prior
and without it.
"""

from __future__ import annotations

from datetime import timedelta

from benchmarks.newsqa import asked_at, parser, questions, relevant_passages
from index.fuse import date_penalty, future_penalty
from rag.answers import Question
from rag.assemble import assemble
from rag.settings import Settings
from rag.understand import understand

BOUNDS = (14, 90, 365, 10_000)


def main() -> None:
    """Print one line an age."""
    chosen = parser(__doc__ or "").parse_args()
    dateline = assemble(Settings(home=chosen.home))
    weight = dateline.searcher.settings.recency_weight
    found: dict[int, list[tuple[bool, bool]]] = {bound: [] for bound in BOUNDS}
    for labelled in questions(chosen.data, chosen.split, chosen.limit):
        relevant = relevant_passages(dateline.engine.store, labelled)
        currents = [dateline.engine.store.current(a) for a in labelled.relevant or ()]
        days = [one[0].dated.at for one in currents if one and one[0].dated]
        if not relevant or not days:
            continue
        query = understand(Question(labelled.text, asked_at(labelled)))
        read = [c for c in dateline.searcher.search(query).candidates if c.reading]
        plain = {
            c.passage.id: c.score
            + date_penalty(c.article.dated, query, weight)
            - future_penalty(c.article.dated, query.asked_at)
            for c in read
        }
        age = (asked_at(labelled) - max(days)) / timedelta(days=1)
        bound = next(b for b in BOUNDS if age < b + 1)
        first = min(plain, key=lambda key: (-plain[key], key))
        found[bound].append((read[0].passage.id in relevant, first in relevant))
    for bound, rows in found.items():
        if rows:
            with_, without = (100 * sum(column) / len(rows) for column in zip(*rows, strict=True))
            print(f"to {bound} days: n {len(rows)}, with {with_:.1f}, without {without:.1f}")


if __name__ == "__main__":
    main()
