"""What is written into the address of a link, and a signature over it: the link is the right to do one thing.

Nothing is kept of a link. A token is what it says and an HMAC-SHA-256 of it, cut to 128 bits (RFC 2104,
section 5), in base64url. Each use of links has a label of its own in the signature, so that a token for one
is never good for another, even where they should share a key.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

from pydantic import SecretStr

from services.runtime.settings import MisconfiguredService

LEAST_KEY = 32
"""Bytes of the key behind the signatures."""
_MAC = 16
_LOOKS_LIKE_ONE = re.compile(r"[A-Za-z0-9_-]{40,260}")


class NotALink(Exception):
    """Nobody here made this token, or somebody has altered it."""


def strong_key(said: SecretStr | None, variable: str, use: str) -> bytes:
    """The key a service's links are signed with, from its settings. `variable` and `use` are for the message:
    where it is set, and what it is for. Raises `MisconfiguredService` when there is none, or a short one."""
    key = said.get_secret_value().encode() if said else b""
    if len(key) < LEAST_KEY:
        raise MisconfiguredService(f"{variable}: {use} need a key of at least {LEAST_KEY} bytes")
    return key


class Sealer:
    """Makes and opens tokens for one use. Changing the key ends every link there is."""

    def __init__(self, key: bytes, use: str) -> None:
        if len(key) < LEAST_KEY:
            raise ValueError(
                "the key of links must be at least 32 bytes; make one with `openssl rand -base64 48`"
            )
        self._key, self._use = key, use.encode()

    def seal(self, said: bytes) -> str:
        """The token that says this."""
        return urlsafe_b64encode(said + self._mac(b"link", said)).rstrip(b"=").decode()

    def open(self, token: str) -> bytes:
        """What it says, believed once its signature is. Raises `NotALink`."""
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
        return said

    def proof(self, token: str, shown: str) -> str:
        """What a form of this link must carry: that it was sent from a page that showed exactly this."""
        return self._mac(b"form", token.encode() + b"\x00" + shown.encode()).hex()

    def proves(self, given: str, token: str, shown: str) -> bool:
        """Whether a form was."""
        return hmac.compare_digest(given.encode(), self.proof(token, shown).encode())

    def _mac(self, what: bytes, said: bytes) -> bytes:
        label = b"sluss " + self._use + b" " + what + b" 1\x00"
        return hmac.new(self._key, label + said, hashlib.sha256).digest()[:_MAC]


def mark_of(token: str) -> str:
    """What may be said of a link where it must not be shown, as in an actor's name: nobody can count back."""
    return hashlib.sha256(token.encode()).hexdigest()[:8]
