"""How much room there is where the network writes."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from services.console.standing.finding import Finding, Trouble, words
from services.console.standing.judging import size
from services.runtime.languages import mark

LEAST_FREE: Final = 1 << 30
"""Bytes that should be free where data lie."""


def room_on(folders: Sequence[Path]) -> dict[Path, int]:
    """Bytes that are free where each folder lies; those that are not there are left out."""
    return {folder: shutil.disk_usage(folder).free for folder in folders if folder.exists()}


def of_disks(free: dict[Path, int]) -> Finding:
    """The disk with the least room counts."""
    name = words(mark("disk"))
    if not free:
        return Finding("disk", name, words(mark("nowhere to look at")))
    folder, least = min(free.items(), key=lambda one: one[1])
    state = words(mark("%(size)s free at %(folder)s"), size=size(least), folder=folder)
    if least > LEAST_FREE:
        return Finding("disk", name, state)
    what = words(mark("make room: on a full disk the broker takes nothing more until it is started again"))
    return Finding("disk", name, state, (Trouble(what, ("df -h",), "disk-nearly-full"),))
