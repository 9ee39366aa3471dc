"""Finding the same person again by their identity number, without keeping the number in the clear."""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import date

from personnummer import personnummer

# What may be a number at all, in the ten- and twelve-digit forms. The library's own pattern takes any
# Unicode digit, and a line break at the end.
_SHAPE = re.compile(r"(?:[0-9]{2})?[0-9]{6}[-+]?[0-9]{4}")


def read_identity(text: str, today: date | None = None) -> str | None:
    """The twelve digits of a valid personnummer or samordningsnummer however it is written, else None.

    Of a ten-digit number the century is that of the latest possible birth; a `+` says a hundred years more
    (Folkbokföringslagen 1991:481 18 §; the check digit and dates are the `personnummer` library's work).
    Nobody is born after `today`: 2046 written for 1946 would make a child of somebody who is eighty.
    """
    if not _SHAPE.fullmatch(text):
        return None
    try:
        number = personnummer.parse(text)
    except personnummer.PersonnummerException:
        return None
    digits = str(number.format(long_format=True))
    if number.get_date() <= (today or date.today()):
        return digits
    written_out = len(text.replace("-", "").replace("+", "")) == len(digits)
    # The library knows the year alone: who has a birthday later this year was born a hundred years ago.
    return None if written_out else f"{int(digits[:4]) - 100}{digits[4:]}"


class IdentityKey:
    """Keyed hashes: equal for equal content, and telling nothing to whoever lacks the key."""

    def __init__(self, key: bytes) -> None:
        if len(key) != 32:
            raise ValueError("the identity key is 32 bytes")
        self._person = hmac.digest(key, b"sluss identity number", "sha256")
        self._content = hmac.digest(key, b"sluss submission", "sha256")

    def of_number(self, twelve_digits: str) -> bytes:
        """What an identity number is looked up by."""
        return hmac.digest(self._person, twelve_digits.encode(), "sha256")

    def of_content(self, raw: bytes) -> bytes:
        """What a submission's bytes are recognised by when they come again."""
        # Hashed first: a submission may be large and HMAC then costs the same for all.
        return hmac.digest(self._content, hashlib.sha256(raw).digest(), "sha256")

    def __repr__(self) -> str:
        return "IdentityKey(…)"
