"""Nothing is printed that nobody has thought about: unknown keys, messages and tracebacks stay inside."""

from __future__ import annotations

import json
import logging as stdlib
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from services.runtime.logging import configure_logging, logger

CANARY = "Anna Persson 19121212-1212"
Printed = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def configured(capsys: Printed) -> Iterator[None]:
    root = stdlib.getLogger()
    handlers, level = list(root.handlers), root.level
    configure_logging("info", "ferry")
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(printed: Printed) -> list[dict[str, Any]]:
    return [json.loads(line) for line in printed.readouterr().out.splitlines()]


def test_a_line_is_json_with_event_ids_service_and_time(capsys: Printed) -> None:
    logger("ferry").info("receipt_issued", receipt_id="r-1")
    (line,) = lines(capsys)
    assert (
        line.items()
        >= {"event": "receipt_issued", "receipt_id": "r-1", "service": "ferry", "level": "info"}.items()
    )
    assert line["timestamp"].endswith("Z")


def test_a_key_that_is_not_on_the_list_is_hidden(capsys: Printed) -> None:
    logger("ferry").info("submitted", full_name=CANARY, referral_id="r-1")
    (line,) = lines(capsys)
    assert line["full_name"] == "hidden"
    assert line["referral_id"] == "r-1"


def test_an_exception_is_told_by_type_and_place(capsys: Printed) -> None:
    try:
        raise ValueError(CANARY)
    except ValueError:
        logger("ferry").exception("failed")
    (line,) = lines(capsys)
    assert line["error"] == "builtins.ValueError"
    assert "test_logging.py" in line["where"]
    assert CANARY not in json.dumps(line)


def test_a_library_is_quoted_without_what_it_filled_in(capsys: Printed) -> None:
    stdlib.getLogger("nats").warning("cannot send %s", CANARY)
    stdlib.getLogger("nats").warning(f"already filled in: {CANARY}")
    first, second = lines(capsys)
    assert first["reason"] == "cannot send %s"
    assert (first["logger"], first["level"]) == ("nats", "warning")
    assert "reason" not in second
    assert CANARY not in json.dumps([first, second])


def test_chatter_of_libraries_is_left_out(capsys: Printed) -> None:
    stdlib.getLogger("httpx").info("GET %s", "http://localhost/?q=Anna")
    stdlib.getLogger("uvicorn.access").warning("GET %s", "/cases?q=Anna")
    assert lines(capsys) == []
