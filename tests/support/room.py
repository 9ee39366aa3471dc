"""A folder of this run's own, and none left of runs that were killed.

Whoever makes one holds a lock on it, which the system lets go when the process ends, however it ends. So a
folder that nobody holds is a leftover, and the next run removes it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_NAME = "sluss-run-"


@contextmanager
def room(place: Path) -> Iterator[Path]:
    """A new folder within `place`, removed at the end; leftovers beside it are removed now."""
    with _locked(place):  # one run at a time clears and makes: no folder is seen before it is held
        clear(place)
        folder = Path(tempfile.mkdtemp(prefix=_NAME, dir=place))
        held = _hold(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(held)


def clear(place: Path) -> None:
    """Remove what killed runs have left in `place`, as far as it is ours to remove."""
    for folder in place.glob(f"{_NAME}*"):
        with suppress(OSError), _locked(folder, fcntl.LOCK_NB):
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _locked(folder: Path, how: int = 0) -> Iterator[None]:
    held = _hold(folder, how)
    try:
        yield
    finally:
        os.close(held)


def _hold(folder: Path, how: int = 0) -> int:
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | how)
    except OSError:
        os.close(held)
        raise
    return held
