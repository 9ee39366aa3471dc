"""One-time links: at least 128 random bits in the letter, a hash of them here."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.runtime.decision import Refusal


class UnknownLink(Refusal):
    """This link leads nowhere. It may have been replaced by a newer one; whoever sent it can send another."""

    code = "unknown_link"


class LinkUsed(Refusal):
    """This link has been used; an answer is given once."""

    code = "link_used"


class LinkExpired(Refusal):
    """This link was good for a while, and no longer is."""

    code = "link_expired"


@dataclass(frozen=True, slots=True)
class Link:
    """What is kept of a link."""

    expires: datetime
    used: bool = False


class Standing(StrEnum):
    """What a link is good for."""

    OPEN = "open"
    USED = "used"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    """Nobody is to be asked any more."""
    UNKNOWN = "unknown"


def standing(link: Link | None, now: datetime, *, cancelled: bool = False) -> Standing:
    """The same as `must_be_good`, to be told instead of refused."""
    if link is None:
        return Standing.UNKNOWN
    if cancelled:
        return Standing.WITHDRAWN
    if link.used:
        return Standing.USED
    return Standing.EXPIRED if now >= link.expires else Standing.OPEN


def hash_of(token: str) -> bytes:
    """What is kept of a token. It is random all through, so a plain hash cannot be turned back."""
    return hashlib.sha256(token.encode()).digest()


def must_be_good(link: Link | None, now: datetime) -> None:
    """Raises `UnknownLink`, `LinkUsed`, `LinkExpired`."""
    match standing(link, now):
        case Standing.UNKNOWN:
            raise UnknownLink
        case Standing.USED:
            raise LinkUsed
        case Standing.EXPIRED:
            raise LinkExpired
