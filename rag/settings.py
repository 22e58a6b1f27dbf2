"""Every setting, its variable, its default and its bounds: one table.

`Settings.from_env` reads a mapping that is handed in; only `api` touches the real
environment. docs/settings.md lists the same table, and a test compares the two.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, get_args

import platformdirs

from index.models.embed import Backend
from rag.errors import SettingsError


def _available_cpus() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _setting(parse: Callable[[str], Any], default: Callable[[], Any], help_: str) -> Any:
    return field(default_factory=default, metadata={"parse": parse, "help": help_})


def _integer(low: int, high: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        if not low <= (number := int(value)) <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return number

    return _named(parse, f"a whole number from {low} to {high}")


def _real(low: float, high: float) -> Callable[[str], float]:
    def parse(value: str) -> float:
        if not low <= (number := float(value)) <= high:
            raise ValueError(f"a number from {low} to {high}")
        return number

    return _named(parse, f"a number from {low:g} to {high:g}")


def _choice(*options: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value not in options:
            raise ValueError(value)
        return value

    return _named(parse, "one of " + ", ".join(options))


def _path(value: str) -> Path:
    return Path(value).expanduser()


def _flag(value: str) -> bool:
    if value.lower() not in ("yes", "no"):
        raise ValueError(value)
    return value.lower() == "yes"


def _named(parse: Callable[[str], Any], expected: str) -> Callable[[str], Any]:
    parse.__doc__ = expected
    return parse


_named(_path, "a path")
_named(_flag, "yes or no")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How Dateline runs. A field `name` is set by the variable `DATELINE_NAME`."""

    home: Path = _setting(
        _path,
        lambda: Path(platformdirs.user_data_dir("dateline", appauthor=False)),
        "data directory: articles, vectors and indexes",
    )
    model_cache: Path = _setting(
        _path,
        lambda: Path(platformdirs.user_cache_dir("dateline", appauthor=False)) / "models",
        "where files made from model weights are kept",
    )
    embedder_path: Path | None = _setting(
        _path, lambda: None, "folder with the embedder, instead of package or hub"
    )
    reranker_path: Path | None = _setting(
        _path, lambda: None, "folder with the reranker, instead of package or hub"
    )
    embedder_backend: Backend = _setting(
        _choice(*get_args(Backend)), lambda: "onnx-int8", "what runs the embedder"
    )
    threads: int = _setting(
        _integer(1, 256), _available_cpus, "threads for each model; default: the usable CPUs"
    )
    host: str = _setting(str, lambda: "127.0.0.1", "address that `dateline serve` listens on")
    port: int = _setting(_integer(0, 65535), lambda: 8000, "port that `dateline serve` listens on")
    parsers: int = _setting(
        _integer(0, 64),
        lambda: min(_available_cpus(), 8),
        "processes that parse what is ingested, 0 for none but the main one; "
        "default: the usable CPUs, at most 8",
    )
    user_agent: str = _setting(
        str,
        lambda: "Dateline",
        "how fetches introduce themselves; add an address where you can be reached",
    )
    fetch_private: bool = _setting(
        _flag, lambda: False, "whether addresses may be fetched that are not public: yes or no"
    )
    rerank_depth: int = _setting(
        _integer(1, 100), lambda: 20, "passages that the reranker reads for each question"
    )
    recency_weight: float = _setting(
        _real(0, 2), lambda: 0.6, "how much a question about now prefers recent articles; 0 is off"
    )
    abstain_below: float = _setting(
        _real(0, 1), lambda: 0.18, "confidence under which a question is not answered"
    )
    caution_below: float = _setting(
        _real(0, 1), lambda: 0.5, "confidence under which an answer is given with caution"
    )
    max_body_bytes: int = _setting(
        _integer(1_000, 1_000_000_000), lambda: 20_000_000, "largest HTTP request body"
    )
    max_concurrency: int = _setting(
        _integer(1, 1024), lambda: 8, "questions worked on at once; more wait, then get 429"
    )
    timeout_s: float = _setting(
        _real(0.1, 3600), lambda: 30.0, "longest time for one question over HTTP"
    )

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Settings from `DATELINE_*` variables; an empty one counts as not set.

        Raises:
            SettingsError: a value cannot be used, or a variable is not a setting.
        """
        known = {variable(f.name): f for f in fields(cls)}
        unknown = [n for n in environ if n.startswith(PREFIX) and n not in known]
        if unknown:
            raise SettingsError(
                f"{unknown[0]} is not a setting: unset it; the settings are {', '.join(known)}"
            )
        values = {}
        for name, f in known.items():
            if value := environ.get(name):
                values[f.name] = _parsed(name, value, f.metadata["parse"])
        return cls(**values)


PREFIX = "DATELINE_"


def variable(field_name: str) -> str:
    """The environment variable of a setting."""
    return PREFIX + field_name.upper()


def _parsed(name: str, value: str, parse: Callable[[str], Any]) -> Any:
    try:
        return parse(value)
    except ValueError:
        raise SettingsError(f"{name} is {value!r}: give {parse.__doc__}") from None
