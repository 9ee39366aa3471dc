"""Places where a fault test may end this process, to prove that nothing is half done there.

Off unless `SLUSS_FAULT_POINT` names a point: `committed:3` kills the process (SIGKILL, so that nothing
cleans up) the third time it reaches `committed`; `committed:3:raise` raises `Planted` instead. The points
are `received`, `in_transaction`, `committed`, `half_published` and `published`.
"""

from __future__ import annotations

import os
import signal

VARIABLE = "SLUSS_FAULT_POINT"


class Planted(Exception):
    """A fault that a test has asked for."""


_point, _, _rest = os.environ.get(VARIABLE, "").partition(":")
_count, _, _how = _rest.partition(":")
_left = int(_count or 1)


def reach(point: str) -> None:
    """Pass a point where a fault may have been planted; costs one comparison when none has."""
    if point == _point:
        _arrive()


def _arrive() -> None:
    global _left
    _left -= 1
    if _left == 0:
        if _how == "raise":
            raise Planted(_point)
        os.kill(os.getpid(), signal.SIGKILL)
