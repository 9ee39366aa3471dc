"""A short name of a session that tells nothing: what a message's link ends with.

Session ids begin with their activity's name, and nobody who sees a message is to read there what the person
does. The name is worked out from the id, so that whoever writes it and whoever is asked for it need not talk.
"""

from __future__ import annotations

from base64 import b32encode
from hashlib import sha256

LENGTH = 12
"""60 bits: among a million sessions two are called the same once in two million networks."""


def code_of(session_id: str) -> str:
    """Twelve small letters and digits."""
    return b32encode(sha256(f"session/{session_id}".encode()).digest()).decode()[:LENGTH].lower()
