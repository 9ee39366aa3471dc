"""The token of a link: what it is for, whose it is and until when, and a signature over all of it.

`purpose · hours · since · provider · object · MAC`, in base64url: about 70 characters, so that a link fits
into one SMS. Nothing is kept of it. It names only what its reader has been told of already: their own id, and
a random id or their own activity. The MAC is HMAC-SHA-256 cut to 128 bits (RFC 2104, section 5).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from math import ceil
from struct import Struct, error
from uuid import UUID

LEAST_KEY = 32
"""Bytes of the key behind the signatures."""
_HEAD = Struct(">BIHB")
_MAC = 16
_ID, _NAME = b"\x00", b"\x01"
_LOOKS_LIKE_ONE = re.compile(r"[A-Za-z0-9_-]{40,260}")
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


class NotALink(Exception):
    """Nobody here made this token, or somebody has altered it."""


class LinkExpired(Exception):
    """It was good for a while, and no longer is."""


class Signer:
    """Makes and reads tokens. Changing the key ends every link there is."""

    def __init__(self, key: bytes) -> None:
        if len(key) < LEAST_KEY:
            raise ValueError(
                "the key of links must be at least 32 bytes; make one with `openssl rand -base64 48`"
            )
        self._key = key

    def sign(self, link: Link) -> str:
        """The token of a link."""
        hours = ceil(link.expires.timestamp() / 3600)
        head = _HEAD.pack(link.purpose, hours, min(link.since, 0xFFFF), len(link.provider.encode()))
        said = head + link.provider.encode() + _packed(link.about)
        return urlsafe_b64encode(said + self._mac(b"link", said)).rstrip(b"=").decode()

    def read(self, token: str, now: datetime) -> Link:
        """What it says, believed once its signature is. Raises `NotALink`, `LinkExpired`."""
        if not _LOOKS_LIKE_ONE.fullmatch(token):
            raise NotALink
        try:
            raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except ValueError:
            raise NotALink from None
        said, mac = raw[:-_MAC], raw[-_MAC:]
        # The last letter may hold bits that mean nothing: only the one way to write a token is good.
        written = urlsafe_b64encode(raw).rstrip(b"=").decode()
        if not hmac.compare_digest(mac, self._mac(b"link", said)) or written != token:
            raise NotALink
        link = _unpacked(said)
        if now >= link.expires:
            raise LinkExpired
        return link

    def proof(self, token: str, shown: str) -> str:
        """What a form of this link must carry: that it was sent from a page that showed exactly this."""
        return self._mac(b"form", token.encode() + b"\x00" + shown.encode()).hex()

    def proves(self, given: str, token: str, shown: str) -> bool:
        """Whether a form was."""
        return hmac.compare_digest(given.encode(), self.proof(token, shown).encode())

    def _mac(self, what: bytes, said: bytes) -> bytes:
        return hmac.new(self._key, b"sluss provider " + what + b" 1\x00" + said, hashlib.sha256).digest()[
            :_MAC
        ]


def mark_of(token: str) -> str:
    """What may be said of a link where it must not be shown, as in an actor's name: nobody can count back."""
    return hashlib.sha256(token.encode()).hexdigest()[:8]


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
