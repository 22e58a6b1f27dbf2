"""Tokens for each character, by script and tokenizer, beside the estimate of `rag.llm.tokens`.

    pip install mistral-common sentencepiece tiktoken
    python -m benchmarks.llm_tokens --mistral --tiktoken cl100k=cl100k_base.tiktoken --server smollm2=http://127.0.0.1:8080

`--mistral` takes the tokenizers that the package mistral-common carries, `--tiktoken` a file
of ranks (dashscope of PyPI carries Qwen's, gpt-tokenizer of npm OpenAI's), `--server` whatever
llama.cpp serves. English is the sample corpus, the rest benchmarks/scripts.toml. The last
column is the estimate over the most that any of them counts: under 1 it is too low.
"""

from __future__ import annotations

import argparse
import base64
import importlib
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from rag.llm.tokens import estimate_tokens

Count = Callable[[str], int]
# How OpenAI's and Qwen's tokenizers cut before they join, as published; Qwen cuts each digit.
_CUT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|DIGITS| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_ROOT = Path(__file__).parents[1]


def main() -> None:
    """Print one line a script."""
    options = argparse.ArgumentParser(description="tokens by script")
    options.add_argument("--mistral", action="store_true")
    options.add_argument("--tiktoken", action="append", default=[], metavar="NAME=FILE")
    options.add_argument("--server", action="append", default=[], metavar="NAME=URL")
    chosen = options.parse_args()
    counters: dict[str, Count] = {}
    if chosen.mistral:
        counters |= _mistral()
    counters |= {name: _tiktoken(Path(file)) for name, file in map(_pair, chosen.tiktoken)}
    counters |= {name: _served(url) for name, url in map(_pair, chosen.server)}
    print("tokens for each character".ljust(26), *(name[:14].rjust(14) for name in counters))
    for script, text in _texts().items():
        counts = [count(text) for count in counters.values()]
        estimate = estimate_tokens(text)
        cells = (f"{n / len(text):14.3f}" for n in counts)
        print(f"{script:12} {len(text):7} chars", *cells, f"{estimate / max(counts):8.2f}")


def _pair(value: str) -> tuple[str, str]:
    name, _, rest = value.partition("=")
    return name, rest


def _texts() -> dict[str, str]:
    news = sorted((_ROOT / "examples" / "news").rglob("*.txt"))
    english = "\n\n".join(path.read_text("utf-8", "ignore") for path in news)
    scripts = tomllib.loads((_ROOT / "benchmarks" / "scripts.toml").read_text("utf-8"))
    return {"english": english, **scripts}


def _mistral() -> dict[str, Count]:
    base: Any = importlib.import_module("mistral_common")
    tekken: Any = importlib.import_module("mistral_common.tokens.tokenizers.tekken")
    pieces: Any = importlib.import_module("mistral_common.tokens.tokenizers.sentencepiece")
    data = Path(base.__file__).parent / "data"
    new = tekken.Tekkenizer.from_file(data / "tekken_240911.json")
    old = pieces.SentencePieceTokenizer(data / "mistral_instruct_tokenizer_240323.model.v3")
    return {
        "mistral-tekken": lambda text: len(new.encode(text, bos=False, eos=False)),
        "mistral-v3": lambda text: len(old.encode(text, bos=False, eos=False)),
    }


def _tiktoken(file: Path) -> Count:
    tiktoken: Any = importlib.import_module("tiktoken")
    lines = (line.split() for line in file.read_bytes().splitlines() if line)
    ranks = {base64.b64decode(token): int(rank) for token, rank in lines}
    cut = _CUT.replace("DIGITS", r"\p{N}" if "qwen" in file.name else r"\p{N}{1,3}")
    encoding = tiktoken.Encoding(file.stem, pat_str=cut, mergeable_ranks=ranks, special_tokens={})
    return lambda text: len(encoding.encode(text, disallowed_special=()))


def _served(url: str) -> Count:
    def count(text: str) -> int:
        reply = httpx.post(f"{url}/tokenize", json={"content": text}, timeout=60)
        return len(reply.raise_for_status().json()["tokens"])

    return count


if __name__ == "__main__":
    main()
