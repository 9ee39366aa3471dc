"""Where a broker that stands alone stages atomic batches: in memory instead of on the disk.

A nats-server without replicas keeps a batch in a small file store of its own until it is complete, and
makes, flushes and removes that store for each batch: 2.7 ms where the batch itself takes 1. What is staged
has been promised to nobody, and the server throws it away when it starts; it need not outlive anything. The
server has no setting for the place, so `batches` in the folder of the stream is made a link
(docs/decisions/0147).
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp

from services.runtime.ending import end
from sluss_contracts.subjects import EVENT_STREAM

MEMORY = Path("/dev/shm")  # noqa: S108  # a folder of our own in it, which nobody else may enter
"""Where Linux has a file system in memory."""
_PREFIX = "sluss-batches-"
_EVERY = 0.5
"""Seconds between looks: the stream may be new, or made anew, and a server that starts removes the link."""


class Staging:
    """Keeps the batches of the event stream in `store` (JetStream's folder) in memory.

    Does nothing where there is no `memory`, or where somebody else holds our place in it: the server stages
    on the disk then, as it would by itself. A place is held by a lock, which ends with the process however
    that ends: a run that was killed leaves its place, and the next one that begins here removes it.
    """

    def __init__(self, store: Path, memory: Path = MEMORY) -> None:
        self._store = store
        self._memory = memory
        self._place = memory / f"{_PREFIX}{sha256(str(store).encode()).hexdigest()[:16]}"
        self._held: int | None = None
        self._keeping: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """From now on, until `end`. What other runs have left there goes."""
        await self.end()
        for left in self._memory.glob(f"{_PREFIX}*"):
            _remove_if_left(left)
        with suppress(OSError):
            self._held = _make(self._place)
            self._keeping = asyncio.create_task(self._keep(), name="batches staged in memory")

    async def end(self) -> None:
        """No more; only while the server is not running."""
        if self._keeping is not None:
            await end(self._keeping)
            self._keeping = None
        if self._held is not None:
            shutil.rmtree(self._place, ignore_errors=True)
            os.close(self._held)
            self._held = None

    async def _keep(self) -> None:
        while True:
            for stream in self._store.glob(f"jetstream/*/streams/{EVENT_STREAM}"):
                with suppress(OSError):  # a batch is under way, or the stream has gone: at the next look
                    self._link(stream / "batches")
            await asyncio.sleep(_EVERY)

    def _link(self, batches: Path) -> None:
        if batches.is_symlink():
            return
        if batches.exists():
            batches.rmdir()
        batches.symlink_to(self._place, target_is_directory=True)


def _make(place: Path) -> int:
    """Make a place that is held from the moment it is there. Raises `OSError` where there is one already."""
    made = Path(mkdtemp(prefix="making-", dir=place.parent))
    held = _hold(made)
    try:
        if place.exists():
            raise FileExistsError(place)
        made.rename(place)
    except OSError:
        made.rmdir()
        os.close(held)
        raise
    return held


def _hold(place: Path) -> int:
    """Lock a place; closing what is returned lets it go. Raises `OSError` while somebody holds it."""
    held = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(held)
        raise
    return held


def _remove_if_left(place: Path) -> None:
    """Remove a place that nobody holds, if nobody but we can have put anything into it."""
    with suppress(OSError):
        held = _hold(place)
        try:
            found = os.fstat(held)
            ours = found.st_uid == os.getuid() and not found.st_mode & 0o077
            if ours and os.path.samestat(found, place.lstat()):
                shutil.rmtree(place, ignore_errors=True)
        finally:
            os.close(held)
