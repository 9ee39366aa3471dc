"""What commands about referrals need read first, in their transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.referral.domain.ending import Copied, Sendable
from services.referral.domain.organisation import Organisation, OrganisationIsRevoked, UnknownOrganisation
from services.referral.domain.referral import Referral
from services.referral.reviving import copied, duplicates_copied, revived
from services.referral.standing import duplicate_of, told_in_all
from services.referral.store.kept import SECRETS_OF
from services.referral.store.submitted import ORGANISATION_NAMED
from services.referral.vault.safe import Kind, vault
from services.runtime.engine.ids import new_id
from services.runtime.tx import Tx
from sluss_contracts.commands.referral import (
    CancelReferral,
    DecideGuardian,
    EnterInError,
    RecordConsent,
    RedirectReferral,
    WithdrawConsent,
)
from sluss_contracts.event import Fact
from sluss_contracts.request import ContactWays
from sluss_contracts.vocabulary import Key, Slug


async def persons_open_referral(tx: Tx, commands: Sequence[RecordConsent | DecideGuardian]) -> Key | None:
    """The person's open referral, if they have one: a second does not become open beside it."""
    (command,) = commands
    return await duplicate_of(tx, command.referral_id)


async def told_already(tx: Tx, commands: Sequence[WithdrawConsent]) -> set[Slug]:
    """Who has been told something of the person."""
    (command,) = commands
    return await told_in_all(tx, command.referral_id)


async def taken_back(tx: Tx, commands: Sequence[CancelReferral | EnterInError]) -> Sequence[Fact]:
    """How others' referrals of the same person go on without this one, if it was where the work is."""
    (command,) = commands
    return await revived(tx, command.referral_id, vault)


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a referral may be sent, and what goes with it."""

    copied: Copied | None
    sendable: Sendable
    duplicates: Sequence[tuple[Referral, Copied]] = ()
    """Others' referrals of the same person, which go the same way."""
    named: Slug | None = None
    organisation: Organisation | None = None

    def may_receive(self) -> None:
        """Raises `UnknownOrganisation`, `OrganisationIsRevoked`."""
        if self.organisation is None:
            raise UnknownOrganisation(f"there is no organisation {self.named}; sluss registry lists them")
        if self.organisation.revoked:
            raise OrganisationIsRevoked(f"{self.named} takes no part any more")


async def destination(tx: Tx, commands: Sequence[RedirectReferral]) -> Destination:
    """To another team, a copy for the new referral; to an organisation, what the vault holds of the person.

    What is copied for a redirection that is then refused goes with its transaction.
    """
    (command,) = commands
    # Locks the person, so that nobody else's comes in between: the new one takes the old one's place.
    is_open = await duplicate_of(tx, command.referral_id) == command.referral_id
    if command.to_organisation is None:
        copy = await copied(tx, command.referral_id, vault) if is_open else None
        others = await duplicates_copied(tx, command.referral_id, vault) if is_open else ()
        return Destination(copy, Sendable(new_id(), None, ContactWays()), others)
    rows = await tx.fetch(SECRETS_OF, referral_ids=[command.referral_id], kinds=[Kind.PERSON.value])
    person = vault.open(rows[0]) if rows else {}
    contact = {name: way for name, way in person.get("contact", {}).items() if _allowed(name, person)}
    state = await tx.value(ORGANISATION_NAMED, organisation=command.to_organisation)
    return Destination(
        None,
        Sendable(new_id(), person.get("name"), ContactWays(**contact)),
        named=command.to_organisation,
        organisation=Organisation.model_validate(state) if state else None,
    )


_WAYS = {"phone": {"phone", "sms"}, "email": {"email"}, "postal_address": {"letter"}, "inbox": {"inbox"}}


def _allowed(way: str, person: dict[str, dict[str, list[str]]]) -> bool:
    """A way that must not be used is not passed on; another organisation does not know the rule."""
    never = set(person.get("safe_contact", {}).get("never", ()))
    return not (_WAYS[way] & never)
