"""Log lines: JSON, one event name with ids. What is not on the list of keys is not printed.

    log = logger("referral")
    log.info("receipt_issued", organisation="clinic-a", receipt_id=receipt_id)

A key that is not in `ALLOWED` appears with the value `"hidden"`, so that nobody logs a name or a free text by
mistake; extending the list is a change somebody reviews. Exceptions are told by type and place, never by
message or traceback, because those repeat values.
"""

from __future__ import annotations

import logging as stdlib
import sys
from collections.abc import MutableMapping
from pathlib import Path
from traceback import extract_tb
from types import TracebackType
from typing import Any
from uuid import UUID

import orjson
import structlog

_WHO_AND_WHERE = "event level timestamp service logger pid http"
_IDS = """
referral_id receipt_id submission_id command_id event_id error_id task_id enrolment_id session_id message_id
followup_id activity organisation team worker provider replica member dead_letter key aggregate kind id
"""
_MACHINERY = """
verb owner type subject stream consumer slot slots lane lanes position number sequence last sent created task
handler code reason reasons error where tries due count seconds milliseconds speed origin steps signal
replicas batch status method route template channel sql_state
"""
ALLOWED = frozenset(f"{_WHO_AND_WHERE} {_IDS} {_MACHINERY}".split())
"""The keys whose values are printed. None of them is, or may be given, anything about a person."""

_HIDDEN = "hidden"
_LONGEST = 500


def logger(service: str) -> Any:
    """A logger whose every line names the service."""
    return structlog.get_logger().bind(service=service)


def configure_logging(level: str, service: str) -> None:
    """Send everything this process logs, libraries included, to standard output as JSON lines."""
    threshold = stdlib.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _told_by_type_and_place,
            allowed_only,
            structlog.processors.JSONRenderer(serializer=_render),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.WriteLoggerFactory(),
        cache_logger_on_first_use=False,
    )
    root = stdlib.getLogger()
    root.handlers[:] = [_Libraries(service)]
    root.setLevel(max(threshold, stdlib.WARNING))
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        stdlib.getLogger(name).handlers.clear()
        stdlib.getLogger(name).propagate = name != "uvicorn.access"
    sys.excepthook = lambda kind, error, trace: logger(service).critical("crashed", **failure(error, trace))


def failure(error: BaseException, trace: TracebackType | None = None) -> dict[str, str]:
    """What a log line may tell of an exception: its type and the lines of code it passed, innermost first."""
    if isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        return failure(error.exceptions[0])
    frames = extract_tb(trace or error.__traceback__)[-6:]
    where = " < ".join(f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in reversed(frames))
    told = {"error": f"{type(error).__module__}.{type(error).__qualname__}", "where": where}
    if state := getattr(error, "sqlstate", None):
        told["sql_state"] = str(state)
    return told


def allowed_only(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Hide the value of every key that is not on the list, and shorten the rest."""
    return {key: _plain(value) if key in ALLOWED else _HIDDEN for key, value in line.items()}


def _told_by_type_and_place(
    _logger: Any, _method: str, line: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    told = line.pop("exc_info", None)
    if told is True:
        told = sys.exc_info()[1]
    if isinstance(told, tuple):
        told = told[1]
    if isinstance(told, BaseException):
        line.update(failure(told))
    line.pop("stack_info", None)
    return line


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(part) for part in list(value)[:64]]
    return str(value)[:_LONGEST]


def _render(line: Any, **_: Any) -> str:
    return orjson.dumps(
        line, default=lambda value: str(value) if isinstance(value, UUID) else _HIDDEN
    ).decode()


class _Libraries(stdlib.Handler):
    """What libraries log: their name, the place and, at most, the unfilled template of their message."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def emit(self, record: stdlib.LogRecord) -> None:
        told: dict[str, Any] = {"where": f"{record.module}.py:{record.lineno}"}
        if record.exc_info and record.exc_info[1]:
            told |= failure(record.exc_info[1])
        if record.args:  # a message without arguments may be one that has its values in it already
            told["reason"] = str(record.msg)
        line = logger(self._service).bind(logger=record.name)
        line.log(record.levelno, "library_says", **told)
