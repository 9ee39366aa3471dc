"""The ids of the standard: UUIDs, for ever the same for the same thing."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from uuid import UUID, uuid5

NAMESPACE = UUID("6c7b7a0e-0c0f-5b0e-9d58-2f6d1f4f7a11")
"""Whatever began here gets its id from its own name within this namespace (RFC 9562, 5.5)."""

_PLAIN = re.compile(r"[^a-z0-9]+")


@lru_cache(maxsize=8192)
def id_of(*names: str) -> str:
    """The id of what is called so: `id_of("activity", "gafotboll")`."""
    return str(uuid5(NAMESPACE, "/".join(names)))


def record_of(kind: str, id: str) -> str:
    """How a record is called that is kept of a directory elsewhere."""
    return f"{kind}-{id.lower()}"


def slug_of(text: str) -> str:
    """Words as they stand in a readable id: `Gåfotboll i parken` is `gafotboll-i-parken`."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return _PLAIN.sub("-", plain).strip("-")


def name_for(title: str, id: str) -> str:
    """The readable id of what came from elsewhere: its name, and enough of its id to be alone with it."""
    return f"{slug_of(title)[:48].strip('-') or 'activity'}-{id[:8].lower()}"


def area_of(city: str) -> str:
    """A town as the network names areas, which keep their å, ä and ö."""
    words = re.sub(r"[^a-z0-9åäö]+", "-", city.lower()).strip("-")
    return words[:63].strip("-")
