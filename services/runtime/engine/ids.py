"""UUIDv7 (RFC 9562): ids that sort by the time they were made, so that indexes grow at one end only."""

from __future__ import annotations

import os
import time
from uuid import UUID

_VERSION_7 = 7 << 76
_VARIANT = 2 << 62
_CLEAR = ~((0xF << 76) | (0x3 << 62)) & ((1 << 128) - 1)


_latest = 0


def uuid7() -> UUID:
    """A fresh id: 48 bits of wall-clock milliseconds, then 74 random bits.

    Later ids of one process sort after earlier ones, within a millisecond too (RFC 9562, 6.2).
    """
    global _latest
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    _latest = max(_latest + 1, ((milliseconds << 80 | random) & _CLEAR) | _VERSION_7 | _VARIANT)
    return UUID(int=_latest)


def new_id() -> str:
    """The same, as text: what handlers are given to name what they make."""
    return str(uuid7())
