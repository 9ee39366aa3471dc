"""How often somebody who has not signed in may send something."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

HOUR = 3600.0
MOST_KNOWN = 10_000
"""Senders remembered at a time; beyond, the one heard of longest ago is forgotten."""


class Pace:
    """At most so many an hour from each sender, and from all together, in one process.

    Behind a proxy that names no senders all of them look like one: then only `all_` should hold, and the
    proxy should say `X-Forwarded-For`.
    """

    def __init__(self, each: int, all_: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._each = each
        self._all = all_
        self._clock = clock
        self._of: dict[str, deque[float]] = {}
        self._together: deque[float] = deque()

    def allows(self, sender: str) -> bool:
        """Whether it may be taken now; then it counts."""
        now = self._clock()
        own = self._of.pop(sender, deque())
        for sent in (own, self._together):
            while sent and sent[0] <= now - HOUR:
                sent.popleft()
        allowed = len(own) < self._each and len(self._together) < self._all
        if allowed:
            own.append(now)
            self._together.append(now)
        if own:
            self._of[sender] = own  # last in the order of hearing
        while len(self._of) > MOST_KNOWN:
            del self._of[next(iter(self._of))]
        return allowed
