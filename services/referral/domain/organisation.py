"""An organisation that takes part in the network, and may refer."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from services.runtime.decision import Refusal
from sluss_contracts.commands.referral import RegisterOrganisation
from sluss_contracts.event import Fact
from sluss_contracts.organisation import OrganisationAmended, OrganisationRegistered, OrganisationRevoked
from sluss_contracts.vocabulary import Area, Code, FeedbackChannel, OrganisationKind, Slug


class UnknownOrganisation(Refusal):
    """No organisation is registered under this id."""

    code = "unknown_organisation"


class OrganisationIsRevoked(Refusal):
    """A revoked organisation is not registered again by the way, as when an old file is read in."""

    code = "organisation_is_revoked"


class Organisation(BaseModel):
    """What the network knows of one organisation."""

    model_config = ConfigDict(frozen=True)

    organisation: Slug
    name: str
    kind: OrganisationKind
    area: Area
    feedback_channel: FeedbackChannel
    revoked: Code | None = None
    """Why, once it may no longer refer."""


def evolve(
    held: Organisation | None, fact: OrganisationRegistered | OrganisationAmended | OrganisationRevoked
) -> Organisation:
    if isinstance(fact, OrganisationRegistered):  # an amendment is one too, and the whole new truth
        return Organisation(**fact.model_dump())
    assert held is not None, "only a registered organisation is revoked"
    return held.model_copy(update={"revoked": fact.why})


def register(held: Organisation | None, wish: RegisterOrganisation) -> Sequence[Fact]:
    """Registering what is registered changes nothing; registering it otherwise amends it.

    Raises `OrganisationIsRevoked`.
    """
    details = {name: getattr(wish, name) for name in OrganisationRegistered.model_fields}
    if held is None:
        return [OrganisationRegistered(**details)]
    if held.revoked:
        raise OrganisationIsRevoked(f"{held.organisation} is revoked ({held.revoked}) and stays so")
    if held.model_dump(include=set(details)) == details:
        return []
    return [OrganisationAmended(**details)]


def revoke(held: Organisation | None, why: Code, organisation: Slug) -> Sequence[Fact]:
    """Revoking twice is revoking once. Raises `UnknownOrganisation`."""
    if held is None:
        raise UnknownOrganisation(f"there is no organisation {organisation}; sluss registry lists them")
    return [] if held.revoked else [OrganisationRevoked(organisation=organisation, why=why)]
