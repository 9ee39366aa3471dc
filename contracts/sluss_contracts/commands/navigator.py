"""Commands to the navigator about a case, from claim to closure, and about what it is measured with.

Those about its meetings stand in `meetings`, about what is planned in `planning`, about staff in `staff`.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

from sluss_contracts.command import Command
from sluss_contracts.instruments.format import Pack
from sluss_contracts.pathway import InstrumentId
from sluss_contracts.vocabulary import (
    Area,
    CaseOutcome,
    Code,
    ContactOutcome,
    ContactWay,
    Key,
    LongText,
    Need,
    Slug,
)
from sluss_contracts.words import Known


class ClaimCase(Command, owner="navigator", verb="claim_case", key="referral_id"):
    """Take a queued case. Exactly one wins; the others are told who."""

    referral_id: Key
    worker: Slug


class ReassignCase(Command, owner="navigator", verb="reassign_case", key="referral_id"):
    """Hand a case on to another link worker; without one, back to the team's inbox."""

    referral_id: Key
    worker: Slug | None = None
    because: Code = "handed_on"
    """`handed_on`, `conflict_of_interest`, `asked_for_another` …"""


class RecordContact(Command, owner="navigator", verb="record_contact", key="referral_id"):
    """Somebody tried to reach the person."""

    referral_id: Key
    way: ContactWay
    outcome: ContactOutcome


class RequestEnrolment(Command, owner="navigator", verb="request_enrolment", key="referral_id"):
    """Ask a provider for a place. Result: `enrolment_id`."""

    referral_id: Key
    activity: Slug
    goal_id: Key | None = None
    because: tuple[Code, ...] = ()
    by_hand: bool = False
    """For a person with a protected identity: a human has agreed with them what the provider is told."""


class RecordUnmetNeed(Command, owner="navigator", verb="record_unmet_need", key="referral_id"):
    """Nothing in the network meets this need here."""

    referral_id: Key
    need: Annotated[Need, Known]
    why: Code
    """`nothing_offered`, `full`, `too_far`, `too_costly`, `language`, `not_accessible`, `did_not_suit` …"""
    area: Area | None = None
    """Left out: the area the referral is from."""


class PauseCase(Command, owner="navigator", verb="pause_case", key="referral_id"):
    """Ask nothing of the person until a day: illness, travel. Said again, the pause is another."""

    referral_id: Key
    why: Code
    until: date


class ResumeCase(Command, owner="navigator", verb="resume_case", key="referral_id"):
    """The work goes on."""

    referral_id: Key


class CloseCase(Command, owner="navigator", verb="close_case", key="referral_id"):
    """The work is over. `feedback` is told to the referrer; nothing else is."""

    referral_id: Key
    outcome: CaseOutcome
    feedback: LongText | None = None
    acute: bool = False
    """Set on the way in, when the words speak of suicide or violence; the answer says so then."""


class CompleteTask(Command, owner="navigator", verb="complete_task", key="referral_id"):
    """A task is done by other means than the step it waited for."""

    referral_id: Key
    task_id: Key
    how: Code = "done"


class PublishInstrument(Command, owner="navigator", verb="publish_instrument", key="instrument"):
    """Let the network measure with an organisation's own pack, or with wording it is licensed to. A version
    that is there keeps its scoring for ever (`scoring_differs`). Result: `version`."""

    instrument: InstrumentId
    definition: Pack
