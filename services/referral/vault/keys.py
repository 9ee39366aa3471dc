"""The vault's keys: one data key per person, wrapped by the master key; destroy it and the data is gone.

AES-256-GCM throughout (NIST SP 800-38D), with a random 96-bit nonce before each ciphertext. What a
ciphertext belongs to is bound to it as associated data, so a row moved to another person or another place
does not open.
"""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12
_KEY = 32


class Tampered(Exception):
    """A ciphertext does not open: it was altered, moved, or sealed under another key."""

    code = "tampered"


class _Cipher:
    __slots__ = ("_aes",)

    def __init__(self, key: bytes) -> None:
        if len(key) != _KEY:
            raise ValueError(f"a key of the vault is {_KEY} bytes")
        self._aes = AESGCM(key)

    def seal(self, plain: bytes, *, belongs_to: str) -> bytes:
        """Encrypt, bound to what it belongs to."""
        nonce = os.urandom(_NONCE)
        return nonce + self._aes.encrypt(nonce, plain, belongs_to.encode())

    def open(self, sealed: bytes, *, belongs_to: str) -> bytes:
        """Decrypt. Raises `Tampered` unless these are the very bytes sealed for this place under this key."""
        try:
            return self._aes.decrypt(sealed[:_NONCE], sealed[_NONCE:], belongs_to.encode())
        except (InvalidTag, ValueError):
            raise Tampered(f"what is kept for {belongs_to} does not open") from None

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"


class DataKey(_Cipher):
    """Seals everything the vault keeps about one person."""


class MasterKey(_Cipher):
    """Wraps the data keys. Comes from the settings and is never stored beside them."""

    def new_key(self, owner: str) -> tuple[DataKey, bytes]:
        """A fresh data key, and its wrapping to keep."""
        key = os.urandom(_KEY)
        return DataKey(key), self.seal(key, belongs_to=f"key/{owner}")

    def unwrap(self, wrapped: bytes, owner: str) -> DataKey:
        """The owner's data key. Raises `Tampered`."""
        return DataKey(self.open(wrapped, belongs_to=f"key/{owner}"))
