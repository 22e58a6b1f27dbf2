"""What the server writes to standard error: one line for each request, and what went wrong.

A line is text or JSON and holds the id of its request. What somebody else wrote is
escaped, so that no line can be forged; questions, articles, query strings and keys are
in none, but for questions where `DATELINE_LOG_QUESTIONS` asks for them. The other commands
write no log.
"""

from __future__ import annotations

import json
import logging
import unicodedata
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog
from structlog.stdlib import ProcessorFormatter

from api.observing import Asking, Exchange, Observer, current
from rag.settings import LogFormat, Settings

# What probes and scrapers ask every few seconds: a line only where it fails, or at `debug`.
_PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
# Control, format, surrogate and private characters, and the separators of lines.
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_FIRST_TWO_BYTES = 0x80
_CLIENT_ERROR, _SERVER_ERROR = 400, 500
_INDENT = "    "
_Event = MutableMapping[str, Any]


class AccessLog(Observer):
    """One line for each request, with what became of its question."""

    def __init__(self, *, questions: bool) -> None:
        self._questions = questions
        self._log: structlog.stdlib.BoundLogger = structlog.wrap_logger(
            logging.getLogger("dateline.access"),
            processors=[
                structlog.stdlib.filter_by_level,
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                ProcessorFormatter.wrap_for_formatter,
            ],
            wrapper_class=structlog.stdlib.BoundLogger,
        )

    def ended(self, exchange: Exchange) -> None:
        """Write the line."""
        level = _level(exchange)
        if not logging.getLogger("dateline.access").isEnabledFor(level):
            return
        fields: dict[str, Any] = {
            "method": exchange.method,
            "route": exchange.route,
            "status": exchange.status or None,
            "took_ms": round(exchange.took_s * 1000, 1),
            "bytes": exchange.sent_bytes,
            "key": exchange.key_name,
            "problem": exchange.problem,
            "trace_id": exchange.trace_id,
        }
        if exchange.asking is not None:
            fields |= self._asked(exchange.asking)
        self._log.log(level, "request", **{k: v for k, v in fields.items() if v is not None})

    def _asked(self, asking: Asking) -> dict[str, Any]:
        answer = asking.answer
        fields: dict[str, Any] = {
            "question": asking.question if self._questions else None,
            "client_left": asking.left or None,
            "waited_ms": _ms(asking.began_s, asking.entered_s),
            "first_event_ms": _ms(asking.began_s, asking.first_event_s),
            "stages_ms": dict(asking.stages_ms()) or None,
        }
        if answer is not None:
            fields |= {
                "answer": answer.status,
                "reason": answer.reason.code.value if answer.reason else None,
                "confidence": round(answer.confidence, 3),
                "caution": answer.caution is not None or None,
                "citations": len(answer.citations),
                "generation": answer.generation,
            }
        return fields


def _level(exchange: Exchange) -> int:
    if exchange.status >= _SERVER_ERROR:
        return logging.WARNING
    probed = exchange.route in _PROBES and exchange.status < _CLIENT_ERROR
    return logging.DEBUG if probed else logging.INFO


def _ms(start_s: float, end_s: float | None) -> float | None:
    return None if end_s is None else round((end_s - start_s) * 1000, 1)


# -- lines ------------------------------------------------------------------------


def log_config(settings: Settings) -> dict[str, Any]:
    """What `logging.config.dictConfig` makes of the settings; uvicorn is handed it.

    Other libraries are heard from `warning` on: some of them log what they are handed.
    """
    level = settings.log_level.upper()
    quiet = {"level": "INFO" if level == "DEBUG" else "WARNING", "propagate": True}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": line_formatter, "format": settings.log_format}},
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "line",
                "stream": "ext://sys.stderr",
            }
        },
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            "dateline": {"level": level},
            "uvicorn": {**quiet, "handlers": []},
            "uvicorn.error": quiet,
            "uvicorn.access": {**quiet, "handlers": []},
        },
    }


def line_formatter(format: LogFormat) -> logging.Formatter:  # noqa: A002 - the name in dictConfig
    """What makes a line of a record, whoever logged it."""
    shared: list[structlog.types.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
    ]
    return ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            ProcessorFormatter.remove_processors_meta,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _identified,
            _json_line if format == "json" else _text_line,
        ],
    )


def _identified(_: Any, __: str, event: _Event) -> _Event:
    """The event with the id of its request."""
    if (exchange := current()) is not None:
        event["request_id"] = exchange.request_id
    return event


def _json_line(_: Any, __: str, event: _Event) -> str:
    first = {"time": event.pop("timestamp"), "level": event.pop("level")}
    # Whatever is not ASCII is escaped: no terminal, viewer or collector reads it otherwise.
    return json.dumps({**first, **event}, default=str)


def _text_line(_: Any, __: str, event: _Event) -> str:
    event.pop("logger", None)
    trace = event.pop("exception", None)
    head = f"{event.pop('timestamp')} {event.pop('level'):<7} {plain(str(event.pop('event')))}"
    line = " ".join([head, *(f"{key}={_value(value)}" for key, value in event.items())])
    return line if trace is None else line + "\n" + _indented(str(trace))


def _value(value: object) -> str:
    """A value of a text line; in quotation marks where it could be read as anything else."""
    if isinstance(value, Mapping):
        return ",".join(f"{plain(str(k))}:{_value(v)}" for k, v in value.items())
    text = plain(str(value)) if value is not True else "yes"
    bare = text and not any(character in ' "=' for character in text)
    return text if bare else '"' + text.replace('"', '\\"') + '"'


def _indented(trace: str) -> str:
    """A traceback, no line of which looks like one of the log."""
    return "\n".join(_INDENT + plain(line) for line in trace.split("\n"))


def plain(text: str) -> str:
    """The text with everything escaped that is not plainly seen, and the backslash."""
    if text.isascii() and text.isprintable() and "\\" not in text:
        return text
    return "".join(map(_escaped, text))


def _escaped(character: str) -> str:
    if character == "\\":
        return "\\\\"
    if unicodedata.category(character) not in _UNPRINTABLE:
        return character
    if ord(character) < _FIRST_TWO_BYTES:
        return f"\\x{ord(character):02x}"
    return character.encode("ascii", "backslashreplace").decode()
