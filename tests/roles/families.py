"""Every address of every service's pages: who may be let in below it at most, and whose things are there.

The routes themselves come from the services' own tables. One that belongs to no family here fails the tests:
say for whom it is and whose what it shows is, and everything else is tried by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from services.runtime.web.pages import Row
from sluss_contracts.vocabulary import Role

ANYBODY: Final = None
GUIDES: Final = frozenset({Role.LINK_WORKER, Role.VOLUNTEER})
CASEWORK: Final = GUIDES | {Role.COORDINATOR}
STAFF: Final = CASEWORK | {Role.REFERRER, Role.OPERATOR}


class Whose(Enum):
    """Whose the things are that an address names by an id."""

    NOBODYS = auto()
    """It names nothing, or what is the visitor's own by who they are."""
    PUBLIC = auto()
    """Everybody's."""
    CASE = auto()
    """A case's: for its team's link workers, the volunteer who has it, and coordinators."""
    BOARD = auto()
    """A referral's: as on the board, for whoever sees it there."""
    REFERRED = auto()
    """A referral's: for the organisation that made it alone."""
    SECRET = auto()
    """The address itself is the key."""
    NETWORK = auto()
    """The network's: for operators and coordinators."""


@dataclass(frozen=True)
class Family:
    """All addresses that begin so."""

    prefix: str
    at_most: frozenset[Role] | None
    whose: Whose = Whose.NOBODYS

    def covers(self, path: str) -> bool:
        """Whether an address is of this family."""
        if self.prefix == "/":
            return path == "/"
        return path == self.prefix or path.startswith(self.prefix + "/")


FAMILIES: Final = (
    Family("/", ANYBODY),
    Family("/static", ANYBODY, Whose.PUBLIC),
    Family("/language", ANYBODY),
    Family("/login", ANYBODY),
    Family("/logout", ANYBODY),
    Family("/tillganglighet", ANYBODY, Whose.PUBLIC),
    Family("/board", ANYBODY),
    Family("/referrals", ANYBODY, Whose.BOARD),
    Family("/cases", CASEWORK, Whose.CASE),
    Family("/today", GUIDES),
    Family("/my-time", GUIDES),
    Family("/inbox", CASEWORK),
    Family("/search", CASEWORK),
    Family("/my-referrals", frozenset({Role.REFERRER}), Whose.REFERRED),
    Family("/coordinator", frozenset({Role.COORDINATOR}), Whose.NETWORK),
    Family("/drafts", ANYBODY),
    Family("/spreadsheet", frozenset({Role.COORDINATOR, Role.PROVIDER})),
    Family("/answer", ANYBODY, Whose.SECRET),
    Family("/meeting", ANYBODY, Whose.SECRET),
    Family("/traff", ANYBODY, Whose.SECRET),
    Family("/svara", ANYBODY, Whose.SECRET),
    Family("/arrangor", ANYBODY, Whose.PUBLIC),
    Family("/aktiviteter", ANYBODY, Whose.PUBLIC),
    Family("/aktiviteter/{activity}/visat", STAFF | {Role.PROVIDER}, Whose.PUBLIC),
    Family("/anordnare", ANYBODY, Whose.PUBLIC),
    Family("/tipsa", ANYBODY),
    Family("/hsds", ANYBODY, Whose.PUBLIC),
    Family("/refer", frozenset({Role.REFERRER})),
    Family("/sok-hjalp", ANYBODY),
    Family("/accesses", frozenset({Role.COORDINATOR}), Whose.NETWORK),
    Family("/console", frozenset({Role.OPERATOR}), Whose.NETWORK),
)

STANDS_FOR: Final = {
    "case_id": "the case",
    "referral_id": "the case",
}
"""What the ids in addresses stand for; every other is something below one of these, or public."""


class InNoFamily(LookupError):
    """A route that nobody has said anything of in `tests/roles/families.py`."""


def family_of(row: Row) -> Family:
    """The family of a route, the longest prefix that fits. Raises `InNoFamily`."""
    found = [family for family in FAMILIES if family.covers(row.path)]
    if not found:
        raise InNoFamily(f"{row.method} {row.path}: say in tests/roles/families.py for whom it is, and whose")
    return max(found, key=lambda family: len(family.prefix))
