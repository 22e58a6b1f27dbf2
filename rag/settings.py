"""Every setting, its variable, its default and its bounds: one table.

`Settings.from_env` reads a mapping that is handed in; only `api` touches the real
environment. docs/settings.md lists the same table, and a test compares the two.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

import platformdirs

from index.models.embed import Backend
from rag.answers import Strictness
from rag.errors import SettingsError
from rag.llm.address import llm_url
from rag.llm.secret import Secret, secret

LogFormat = Literal["text", "json"]
LogLevel = Literal["debug", "info", "warning", "error"]


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


class _Unshown(ValueError):
    """A value that cannot be used and may hold a secret."""


def _endpoint(value: str) -> str:
    if "@" in value:
        raise _Unshown
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
        raise ValueError(value)
    if parts.query or parts.fragment:
        raise ValueError(value)
    return value


def _unshown(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    """The same parser of values that may hold a secret."""

    def parse_unshown(value: str) -> Any:
        try:
            return parse(value)
        except ValueError:
            raise _Unshown from None

    return _named(parse_unshown, str(parse.__doc__))


def _flag(value: str) -> bool:
    if value.lower() not in ("yes", "no"):
        raise ValueError(value)
    return value.lower() == "yes"


def _named(parse: Callable[[str], Any], expected: str) -> Callable[[str], Any]:
    parse.__doc__ = expected
    return parse


def _names(each: Callable[[str], str], expected: str) -> Callable[[str], tuple[str, ...]]:
    """Several values, between commas."""

    def parse(value: str) -> tuple[str, ...]:
        return tuple(each(part.strip()) for part in value.split(",") if part.strip())

    return _named(parse, expected)


def _origin(value: str) -> str:
    origin = value.lower()
    parts = urlsplit(origin)
    written = f"{parts.scheme}://{parts.netloc}"
    if origin != "*" and (parts.scheme not in ("http", "https") or origin != written):
        raise ValueError(value)
    return origin


def _network(value: str) -> str:
    return str(ip_network(value)) if "/" in value else str(ip_address(value))


def _host(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:]+", value):
        raise ValueError(value)
    return value.lower()


_named(_path, "a path")
_named(_endpoint, "an http or https address without a user, a password or a query")
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
        _integer(1, 256),
        _available_cpus,
        "threads that run models, shared by all requests; default: the usable CPUs",
    )
    host: str = _setting(str, lambda: "127.0.0.1", "address that `dateline serve` listens on")
    port: int = _setting(_integer(0, 65535), lambda: 8000, "port that `dateline serve` listens on")
    workers: int = _setting(
        _integer(1, 64), lambda: 1, "processes of `dateline serve`, each with models of its own"
    )
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
    llm_strictness: Strictness = _setting(
        _choice(*get_args(Strictness)),
        lambda: "flag",
        "what becomes of written sentences that are not supported: flag marks them, strict "
        "leaves them out",
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
    rate_per_minute: int = _setting(
        _integer(0, 1_000_000),
        lambda: 300,
        "questions and searches that a key, or an address without one, may send in a minute; "
        "0 is off",
    )
    cors_origins: tuple[str, ...] = _setting(
        _names(_origin, "origins such as https://chat.example.org, between commas; * for any"),
        tuple,
        "sites whose pages may use the API from a browser",
    )
    allowed_hosts: tuple[str, ...] = _setting(
        _names(_host, "host names without port, between commas"),
        tuple,
        "names beside localhost that the server may be called by while it has no keys",
    )
    trusted_proxies: tuple[str, ...] = _setting(
        _names(_network, "addresses or networks, between commas"),
        tuple,
        "proxies whose X-Forwarded-For is believed",
    )
    open_webui_sources: bool = _setting(
        _flag,
        lambda: False,
        "whether streamed chat completions carry the passages as Open WebUI's events: yes or no",
    )
    log_format: LogFormat = _setting(
        _choice(*get_args(LogFormat)), lambda: "text", "how `dateline serve` writes its log"
    )
    log_level: LogLevel = _setting(
        _choice(*get_args(LogLevel)), lambda: "info", "what `dateline serve` logs, and all above it"
    )
    log_questions: bool = _setting(
        _flag, lambda: False, "whether log and traces hold what is asked: yes or no"
    )
    otlp_endpoint: str | None = _setting(
        _endpoint,
        lambda: None,
        "OpenTelemetry collector that traces go to, such as `http://localhost:4318`",
    )
    llm_url: str | None = _setting(
        _unshown(llm_url),
        lambda: None,
        "OpenAI-compatible server whose model writes answers; without one they are extractive",
    )
    llm_model: str | None = _setting(
        str, lambda: None, "the model to ask for; default: the only one of the server"
    )
    llm_key: Secret | None = _setting(
        _unshown(secret), lambda: None, "key that is sent to the server of the model"
    )
    llm_context_tokens: int | None = _setting(
        _integer(512, 10_000_000),
        lambda: None,
        "tokens that prompt and reply may have together; default: what the server says",
    )
    llm_connect_s: float = _setting(
        _real(0.01, 600), lambda: 3.0, "longest time to connect to the server of the model"
    )
    llm_first_token_s: float = _setting(
        _real(0.01, 3600), lambda: 15.0, "longest time until the model begins to write"
    )
    llm_next_token_s: float = _setting(
        _real(0.01, 3600), lambda: 5.0, "longest silence of a model that writes"
    )
    llm_timeout_s: float = _setting(
        _real(0.01, 3600), lambda: 25.0, "longest time for a reply of the model, retries included"
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
        settings = cls(**values)
        _check_llm(settings)
        return settings


PREFIX = "DATELINE_"


def variable(field_name: str) -> str:
    """The environment variable of a setting."""
    return PREFIX + field_name.upper()


def _parsed(name: str, value: str, parse: Callable[[str], Any]) -> Any:
    try:
        return parse(value)
    except _Unshown:
        raise SettingsError(f"{name} cannot be used: give {parse.__doc__}") from None
    except ValueError:
        raise SettingsError(f"{name} is {value!r}: give {parse.__doc__}") from None


def _check_llm(settings: Settings) -> None:
    """Settings of the language model that only make sense together."""
    if settings.llm_url is None:
        for name in ("llm_model", "llm_key"):
            if getattr(settings, name) is not None:
                raise SettingsError(
                    f"{variable(name)} is set, {variable('llm_url')} is not: set both or neither"
                )
    elif settings.llm_timeout_s >= settings.timeout_s:
        raise SettingsError(
            f"{variable('llm_timeout_s')} is {settings.llm_timeout_s:g} and "
            f"{variable('timeout_s')} {settings.timeout_s:g}: give the second more, or there "
            "is no time to answer without the model when it is slow"
        )
