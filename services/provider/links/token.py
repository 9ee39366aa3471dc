"""The token of a link: what it is for, whose it is and until when, and a signature over all of it.

`purpose · hours · since · provider · object · MAC`, in base64url: about 70 characters, so that a link fits
into one SMS. Nothing is kept of it. It names only what its reader has been told of already: their own id, and
a random id or their own activity. How it is signed: `services.runtime.web.sealed`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from math import ceil
from struct import Struct, error
from uuid import UUID

from services.runtime.web.sealed import NotALink, Sealer

_HEAD = Struct(">BIHB")
_ID, _NAME = b"\x00", b"\x01"
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class Purpose(IntEnum):
    """The one thing a link is for."""

    OFFER = 1
    ATTENDANCE = 2
    CONFIRMATION = 3


@dataclass(frozen=True, slots=True)
class Link:
    """What a token says."""

    purpose: Purpose
    provider: str
    about: str
    """The enrolment, the session, or the activity."""
    expires: datetime
    """A whole hour."""
    since: int = 0
    """How many events its object had when the link was made: whatever answered it came later."""


class LinkExpired(Exception):
    """It was good for a while, and no longer is."""


class Signer(Sealer):
    """Makes and reads tokens of links to providers."""

    def __init__(self, key: bytes) -> None:
        super().__init__(key, "provider")

    def sign(self, link: Link) -> str:
        """The token of a link."""
        hours = ceil(link.expires.timestamp() / 3600)
        head = _HEAD.pack(link.purpose, hours, min(link.since, 0xFFFF), len(link.provider.encode()))
        return self.seal(head + link.provider.encode() + _packed(link.about))

    def read(self, token: str, now: datetime) -> Link:
        """What it says, believed once its signature is. Raises `NotALink`, `LinkExpired`."""
        link = _unpacked(self.open(token))
        if now >= link.expires:
            raise LinkExpired
        return link


def _packed(about: str) -> bytes:
    return _ID + UUID(about).bytes if _UUID.fullmatch(about) else _NAME + about.encode()


def _unpacked(said: bytes) -> Link:
    try:
        purpose, hours, since, length = _HEAD.unpack_from(said)
        provider, rest = said[_HEAD.size : _HEAD.size + length].decode(), said[_HEAD.size + length :]
        about = str(UUID(bytes=rest[1:])) if rest[:1] == _ID else rest[1:].decode()
        expires = datetime.fromtimestamp(hours * 3600, UTC)
        return Link(Purpose(purpose), provider, about, expires, since)
    except (error, ValueError, OverflowError):  # signed by a later release, or by a mistake of ours
        raise NotALink from None
