"""UUIDv7 (RFC 9562): ids that sort by the time they were made, so that indexes grow at one end only."""

from __future__ import annotations

import os
import time
from uuid import UUID

_VERSION_7 = 7 << 76
_VARIANT = 2 << 62
_CLEAR = ~((0xF << 76) | (0x3 << 62)) & ((1 << 128) - 1)


def uuid7() -> UUID:
    """A fresh id: 48 bits of wall-clock milliseconds, then 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    return UUID(int=((milliseconds << 80 | random) & _CLEAR) | _VERSION_7 | _VARIANT)


def new_id() -> str:
    """The same, as text: what handlers are given to name what they make."""
    return str(uuid7())
