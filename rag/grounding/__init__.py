"""Whether evidence carries a sentence: a verdict, its probability, and what each check found.

`judge.py` has the one verb, `judge_sentence`. Knows nothing of where the sentence or the
evidence comes from: a reader that writes, a person who checks, an article of the store.
"""
