"""Nobody becomes somebody else by saying so."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from services.runtime.web.senders import sender_of


def sent(*forwarded: str, by: str = "10.0.0.2") -> Request:
    headers = [(b"x-forwarded-for", each.encode()) for each in forwarded]
    return Request({"type": "http", "headers": headers, "client": (by, 4711)})


@pytest.mark.parametrize(
    ("request_", "sender"),
    [
        (sent("203.0.113.7"), "203.0.113.7"),
        (sent("198.51.100.1, 203.0.113.7"), "203.0.113.7"),
        (sent("198.51.100.1", "203.0.113.7"), "203.0.113.7"),
        (sent("198.51.100.1, unknown"), "10.0.0.2"),
        (sent("<script>"), "10.0.0.2"),
        (sent(""), "10.0.0.2"),
        (sent(), "10.0.0.2"),
        (sent("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64"),
        (sent("2001:db8:1:2:ffff::1"), "2001:db8:1:2::/64"),
        (sent("::ffff:203.0.113.7"), "203.0.113.7"),
    ],
)
def test_what_the_front_says_last_counts_and_nothing_a_visitor_writes(request_: Request, sender: str) -> None:
    assert sender_of(request_) == sender


def test_a_request_from_nowhere_is_nobodys() -> None:
    assert sender_of(Request({"type": "http", "headers": [], "client": None})) == ""
