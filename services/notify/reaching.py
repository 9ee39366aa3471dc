"""How one person may be written to: by which ways, which first, and whether it is their guardian instead.

All of it comes from the vault with the person's name, when a message is about to go.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.notify.channels import Address, Way
from sluss_contracts.message import MessageAbout
from sluss_contracts.request import SafeContact
from sluss_contracts.vocabulary import ContactWay, GuardianRule, Protection

_SAME_AS: Mapping[Way, frozenset[str]] = {
    Way.INBOX: frozenset({Way.INBOX}),
    Way.SMS: frozenset({ContactWay.SMS, ContactWay.PHONE}),
    Way.EMAIL: frozenset({ContactWay.EMAIL}),
    Way.LETTER: frozenset({ContactWay.LETTER}),
}
"""What must not be used, for a way not to be. Where nobody may call, nobody writes to the phone either."""


@dataclass(frozen=True, slots=True)
class Care:
    """What the vault says must not be done when the person is reached, and what they would rather have."""

    safe: SafeContact
    protected: bool = False
    prefers: tuple[str, ...] = ()
    to_guardian: bool = False
    """A guardian consents for this minor, and is written to in their place."""

    @classmethod
    def of(cls, person: Mapping[str, Any]) -> Care:
        """From the vault's answer."""
        safe = SafeContact.model_validate(person.get("safe_contact") or {}, extra="ignore")
        protection = person.get("protection") or Protection.NONE.value
        return cls(
            safe,
            protected=protection != Protection.NONE.value,
            prefers=tuple(person.get("prefers") or ()),
            to_guardian=person.get("guardian_rule") == GuardianRule.CONSENTS.value,
        )

    def allows(self, way: Way) -> bool:
        """Whether the person may be reached so. What is not safe for a minor is not safe towards their
        guardian either: they may share a home."""
        never = {str(each) for each in self.safe.never}
        return not (never & _SAME_AS[way]) and (way is Way.LETTER or not self.protected)


def addresses_of(person: Mapping[str, Any], about: MessageAbout, care: Care) -> list[Address]:
    """Where it may go, in the order to be tried: as the person prefers; a letter where it is to be one; then
    the most discreet way. A guardian's ways come in that last order."""
    contact = person.get("guardian" if care.to_guardian else "contact") or {}
    found = [Address(way, contact[name]) for way, name in _KEPT_AS.items() if contact.get(name)]
    if postal := contact.get("postal_address"):
        found.append(Address(Way.LETTER, _envelope(person.get("name"), postal, care)))
    prefers = () if care.to_guardian else care.prefers

    def rank(address: Address) -> tuple[int, bool]:
        liked = prefers.index(address.way) if address.way in prefers else len(prefers)
        return liked, about.by_letter and address.way is not Way.LETTER

    return sorted((each for each in found if care.allows(each.way)), key=rank)


_KEPT_AS: Mapping[Way, str] = {Way.INBOX: "inbox", Way.SMS: "phone", Way.EMAIL: "email"}


def _envelope(name: str | None, postal: str, care: Care) -> str:
    if not name:
        return postal
    return f"Målsman för {name}\n{postal}" if care.to_guardian else f"{name}\n{postal}"
