"""Which service answers below which path."""

from __future__ import annotations

from collections.abc import Iterable

ROUTES: tuple[tuple[str, str], ...] = (
    ("/", "navigator"),
    ("/answer", "provider"),
    ("/aktiviteter", "provider"),
    ("/anordnare", "provider"),
    ("/arrangor", "provider"),
    ("/traff", "provider"),
    ("/tipsa", "provider"),
    ("/console", "console"),
    ("/hsds", "provider"),
    ("/refer", "referral"),
    ("/sok-hjalp", "referral"),
    ("/svara", "notify"),
    ("/coordinator/moderation", "provider"),
    ("/spreadsheet", "provider"),
)
"""Path and the service whose pages are below it; the longest path wins."""


def service_of(path: str, routes: Iterable[tuple[str, str]] = ROUTES) -> str:
    """Which service answers at a path."""
    best = max(
        (route for route in routes if path == route[0] or path.startswith(route[0].rstrip("/") + "/")),
        key=lambda route: len(route[0]),
    )
    return best[1]
