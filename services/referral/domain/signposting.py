"""Before a referral and apart from any: somebody was told of something, or asked how lonely they are."""

from __future__ import annotations

from collections.abc import Sequence

from services.referral.domain.organisation import Organisation, OrganisationIsRevoked, UnknownOrganisation
from services.runtime.decision import Refusal
from sluss_contracts.commands.referral import RecordScreening, RecordSignposting
from sluss_contracts.event import Fact
from sluss_contracts.person import PersonScreened, PersonSignposted
from sluss_contracts.vocabulary import Key, Role


class NotYourOrganisation(Refusal):
    """Whoever acts for an organisation records what that organisation did, and no other."""

    code = "not_your_organisation"


def signpost(command: RecordSignposting, signposting_id: Key) -> Sequence[Fact]:
    """No case is opened and nobody is named. Raises `NotYourOrganisation`."""
    _speaks_for(command, command.organisation)
    return [
        PersonSignposted(
            signposting_id=signposting_id,
            organisation=command.organisation,
            channel=command.channel,
            area=command.area,
            needs=command.needs,
            activity=command.activity,
            age_group=command.age_group,
            interests=command.interests,
        )
    ]


def screen(held: Organisation | None, command: RecordScreening, screening_id: Key) -> Sequence[Fact]:
    """Raises `UnknownOrganisation`, `OrganisationIsRevoked`, `NotYourOrganisation`."""
    if held is None:
        raise UnknownOrganisation(f"there is no organisation {command.organisation}")
    if held.revoked:
        raise OrganisationIsRevoked
    _speaks_for(command, command.organisation)
    return [
        PersonScreened(
            screening_id=screening_id,
            organisation=command.organisation,
            area=command.area,
            instrument=command.instrument,
            version=command.version,
            answer=command.answer,
            lonely_for=command.lonely_for,
            led_to=command.led_to,
        )
    ]


def _speaks_for(command: RecordSignposting | RecordScreening, organisation: str | None) -> None:
    actor = command.actor
    if actor.role is Role.REFERRER and organisation != actor.organisation:
        raise NotYourOrganisation
