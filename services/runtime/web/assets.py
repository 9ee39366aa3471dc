"""Stylesheet, script and pictures, served under names that hold a hash of their content.

A name is never reused for other content, so browsers may keep a file for a year; the text files are
compressed once, when the site is built.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
PREFIX = "/static/"


@dataclass(frozen=True)
class Asset:
    """One file, ready to send."""

    name: str
    """With the hash: `sluss.1a2b3c4d5e.css`."""
    media_type: str
    content: bytes
    compressed: bytes


class Assets:
    """The files of a folder. Raises `KeyError` when a template names a file that is not there."""

    def __init__(self, folder: Path) -> None:
        self._by_plain_name: dict[str, Asset] = {}
        for file in sorted(folder.iterdir()):
            content = file.read_bytes()
            digest = hashlib.sha256(content).hexdigest()[:10]
            self._by_plain_name[file.name] = Asset(
                name=f"{file.stem}.{digest}{file.suffix}",
                media_type=_TYPES[file.suffix],
                content=content,
                compressed=gzip.compress(content, 9, mtime=0),
            )
        self._by_name = {asset.name: asset for asset in self._by_plain_name.values()}

    def url(self, plain_name: str) -> str:
        """Where a file is served: `sluss.css` → `/static/sluss.1a2b3c4d5e.css`."""
        return PREFIX + self._by_plain_name[plain_name].name

    def find(self, name: str) -> Asset | None:
        """The file with exactly this hashed name."""
        return self._by_name.get(name)
