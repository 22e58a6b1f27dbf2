"""The estimate against counts of real tokenizers, as `benchmarks.llm_tokens` made them."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.llm.tokens import estimate_tokens

ROOT = Path(__file__).parents[3]
TEXTS = tomllib.loads((ROOT / "benchmarks" / "scripts.toml").read_text("utf-8"))
# By mistral-tekken, mistral-v3, qwen, cl100k and o200k.
COUNTS = {
    "english": (18418, 20291, 18334, 17696, 17505),
    "chinese": (100, 118, 69, 114, 86),
    "japanese": (85, 128, 84, 124, 97),
    "korean": (64, 132, 77, 121, 75),
    "russian": (64, 90, 78, 106, 62),
    "greek": (68, 183, 157, 160, 67),
    "arabic": (49, 149, 53, 116, 46),
    "hebrew": (70, 165, 61, 151, 61),
    "hindi": (76, 209, 185, 200, 110),
    "thai": (94, 185, 97, 172, 97),
    "german": (52, 80, 71, 74, 51),
    "turkish": (70, 115, 74, 88, 58),
    "vietnamese": (59, 134, 56, 99, 56),
    "figures": (140, 146, 139, 107, 107),
    "code": (81, 85, 79, 71, 71),
    "capitals": (46, 55, 43, 43, 42),
    "emoji": (94, 73, 55, 75, 53),
}


def english():
    news = sorted((ROOT / "examples" / "news").rglob("*.txt"))
    return "\n\n".join(path.read_text("utf-8", "ignore") for path in news)


@pytest.mark.parametrize("script", COUNTS)
def test_no_script_is_underestimated_by_more_than_a_twentieth(script):
    assert set(COUNTS) == {"english", *TEXTS}
    text = english() if script == "english" else TEXTS[script]
    assert estimate_tokens(text) >= 0.95 * max(COUNTS[script])


def test_english_is_not_overestimated_by_half():
    """An estimate that is too safe wastes the context of a small model."""
    assert estimate_tokens(english()) <= 1.5 * max(COUNTS["english"])


@given(st.text(max_size=300))
def test_no_text_costs_more_than_its_bytes(text):
    """Which is the most that a byte-level tokenizer can make of it."""
    assert estimate_tokens(text) <= len(text.encode("utf-8", "surrogatepass"))


@given(st.text(max_size=100), st.text(max_size=100))
def test_parts_cost_at_least_the_whole(one, other):
    assert estimate_tokens(one + other) <= estimate_tokens(one) + estimate_tokens(other)
