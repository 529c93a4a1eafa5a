"""Logs: ids, references, states and times; an unknown key is dropped, so that no free text slips in (T26)."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

ALLOWED = frozenset(
    "event level timestamp logger request_id outbox template result tries fence job row error error_id status method "
    "endpoint duration_ms reference state act stream seq count hash kind settings exception signal pid".split()
)


def _only_known_keys(_: Any, __: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: value for key, value in entry.items() if key in ALLOWED}


def _type_of_exception(_: Any, __: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Say which exception and where it was raised, never its words: they may quote what somebody typed."""
    info = entry.pop("exc_info", None)
    if info:
        error = info if isinstance(info, BaseException) else sys.exc_info()[1]
        if error is not None:
            trace, places = error.__traceback__, []
            while trace is not None:
                places.append(f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}")
                trace = trace.tb_next
            entry["exception"] = f"{type(error).__name__} at {' > '.join(places[-6:])}"
    return entry


class _Stderr:
    """Writes a line to whatever stderr is at that moment."""

    def msg(self, message: str) -> None:
        """Write one line."""
        sys.stderr.write(message + "\n")
        sys.stderr.flush()

    log = debug = info = warning = warn = error = critical = fatal = exception = failure = msg


class _PlainHandler(logging.Handler):
    """Takes what libraries log and keeps its logger and level only."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log that a library spoke, never what it said: its words may quote a person."""
        if record.levelno >= logging.WARNING:
            error = record.exc_info[1] if record.exc_info else None
            structlog.get_logger("library").warning(
                "library", error=f"{record.name}: {type(error).__name__ if error else record.levelname}", exc_info=error
            )


def configure_logging(level: str) -> None:
    """Log JSON lines to stderr with the allowed keys only."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _type_of_exception,
            _only_known_keys,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=lambda *_: _Stderr(),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers = [_PlainHandler()]
    root.setLevel(logging.WARNING)
