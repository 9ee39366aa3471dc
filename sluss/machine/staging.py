"""Where a broker that stands alone stages atomic batches: in memory instead of on the disk.

A nats-server without replicas keeps a batch in a small file store of its own until it is complete, and
makes, flushes and removes that store for each batch: 2.7 ms where the batch itself takes 1. What is staged
has been promised to nobody, and the server throws it away when it starts; it need not outlive anything. The
server has no setting for the place, so `batches` in the folder of the stream is made a link
(docs/decisions/0147).
"""

from __future__ import annotations

import asyncio
import shutil
import stat
from contextlib import suppress
from hashlib import sha256
from os import getuid
from pathlib import Path

from services.runtime.ending import end
from sluss_contracts.subjects import EVENT_STREAM

MEMORY = Path("/dev/shm")  # noqa: S108  # a folder of our own in it, which nobody else may enter
"""Where Linux has a file system in memory."""
_EVERY = 0.5
"""Seconds between looks: the stream may be new, or made anew, and a server that starts removes the link."""


class Staging:
    """Keeps the batches of the event stream in `store` (JetStream's folder) in memory.

    Does nothing where there is no `memory`, or where somebody else holds our place in it: the server stages
    on the disk then, as it would by itself.
    """

    def __init__(self, store: Path, memory: Path = MEMORY) -> None:
        self._store = store
        self._place = memory / f"sluss-{sha256(str(store).encode()).hexdigest()[:16]}"
        self._keeping: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """From now on, until `end`. What another run has left there goes."""
        await self.end()
        with suppress(OSError):
            self._place.mkdir(mode=0o700)
            self._keeping = asyncio.create_task(self._keep(), name="batches staged in memory")

    async def end(self) -> None:
        """No more; only while the server is not running."""
        if self._keeping is not None:
            await end(self._keeping)
            self._keeping = None
        if _is_ours(self._place):
            shutil.rmtree(self._place, ignore_errors=True)

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


def _is_ours(place: Path) -> bool:
    """A folder that nobody else can have put anything into."""
    try:
        found = place.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == getuid() and not found.st_mode & 0o077
