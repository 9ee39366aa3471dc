"""Taking part no more: the person stops, the case closes, the activity goes, or the consent does."""

from __future__ import annotations

from collections.abc import Iterable

from services.provider.domain.acting import acts_for
from services.provider.domain.enrolment import Enrolment, Status, known, names_of
from services.provider.domain.refusals import NotTakingPart
from sluss_contracts.commands.provider import EndEnrolment
from sluss_contracts.consent import ConsentWithdrawn
from sluss_contracts.enrolment import EnrolmentEnded
from sluss_contracts.event import Fact
from sluss_contracts.vocabulary import ConsentPurpose, Whose


def end(enrolment: Enrolment | None, wanted: EndEnrolment) -> list[Fact]:
    """The person takes part no more, or will not: an offer and a place in line end the same way."""
    there = known(enrolment, wanted.enrolment_id)
    acts_for(wanted.actor, there.provider)
    match there:
        case Enrolment(status=Status.DECLINED | Status.EXPIRED as over):
            raise NotTakingPart(f"{wanted.enrolment_id} is {over}; there is nothing to end")
        case Enrolment(status=Status.ENDED):
            return []
        case open_:
            return [_ended(open_, wanted.whose, wanted.reason)]


def close(enrolments: Iterable[Enrolment]) -> list[Fact]:
    """The case is over: what is open ends, offers are withdrawn, places in line given up."""
    return [_ended(each, Whose.NETWORK, "case_closed") for each in enrolments if not each.status.over]


def withdraw_with_activity(enrolment: Enrolment | None) -> list[Fact]:
    """The activity takes place no more: whoever takes part or waits is ended, for the provider's reason."""
    if enrolment is None or enrolment.status.over:
        return []
    return [_ended(enrolment, Whose.PROVIDER, "activity_withdrawn")]


def withdraw_consent(enrolments: Iterable[Enrolment], said: ConsentWithdrawn) -> list[Fact]:
    """What is open at exactly the providers the person says no to ends, and nothing else."""
    return [
        _ended(each, Whose.PERSON, "consent_withdrawn")
        for each in enrolments
        if not each.status.over and (of_all(said) or each.provider in said.receivers)
    ]


def of_all(said: ConsentWithdrawn) -> bool:
    """Whether it is every provider the person says no to."""
    return bool({ConsentPurpose.REFERRAL, ConsentPurpose.SHARE_WITH_PROVIDER} & set(said.purposes))


def _ended(enrolment: Enrolment, whose: Whose, reason: str) -> Fact:
    return EnrolmentEnded(**names_of(enrolment), whose=whose, reason=reason, told=enrolment.told)
