"""A pathway: a local way of working, as a file an organisation can edit. Owned by the referral service.

A pathway says how the network works for one model: who may enter, what is prepared, which meetings there are,
how often one tries to reach somebody, what is measured when, how long a silence may last, what the referrer
hears and who may see what. Every duration is in whole days unless its name says otherwise. What is left out
is what `Pathway` says by default, so a file holds only what is particular about its way of working.

Versions are immutable: a referral keeps the version it began with (`referral.accepted` names it). Version 0
is the defaults themselves, which hold in a network where nobody has published a pathway.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from sluss_contracts.event import DataClass, Fact
from sluss_contracts.vocabulary import (
    Channel,
    ConsentPurpose,
    FeedbackPoint,
    MeetingKind,
    MeetingMode,
    MessageTemplate,
    Role,
    ShortText,
    Slug,
    SupportKind,
    Timepoint,
)
from sluss_contracts.words import Known

DEFAULT = "open-network"
"""The pathway of a referral that names none."""

Days = Annotated[int, Field(ge=1, le=1100)]
"""A whole number of days."""

InstrumentId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
"""Which instrument: the name of a pack (`ons-direct`)."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Bilingual(_Part):
    """The same said in both of the network's languages."""

    sv: ShortText
    en: ShortText


class Entry(_Part):
    """Who may send somebody this way, and what must be there."""

    channels: tuple[Annotated[Channel, Known], ...] = Field(default=tuple(Channel), min_length=1)
    """How a referral may reach it; another channel is refused with `channel_not_open`."""
    roles: tuple[Role, ...] = (Role.REFERRER, Role.PERSON)
    consent: tuple[ConsentPurpose, ...] = (ConsentPurpose.REFERRAL,)
    """What the person must have agreed to before anything goes onward."""
    youngest: int | None = Field(default=None, ge=0, le=120)
    """Age in years; a younger person is a minor whose guardian rule must be decided."""


class Preparation(_Part):
    """What happens before the first meeting."""

    letter: bool = False
    """An invitation goes out by post, neutral on its envelope."""
    interest_form: bool = False
    """The person is asked beforehand what they like."""
    screening: tuple[Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")], ...] = ()
    """What leads elsewhere when found (`social_phobia`): the referral is screened out, with a redirect."""
    redirect_to: ShortText | None = None
    """Where somebody screened out is told to turn, in words the referrer is given."""


class Step(_Part):
    """One meeting of the pathway."""

    kind: MeetingKind
    name: Bilingual
    minutes: int = Field(default=45, ge=5, le=480)
    modes: tuple[MeetingMode, ...] = Field(default=tuple(MeetingMode), min_length=1)
    """The first is what is proposed."""
    optional: bool = False
    support: tuple[Annotated[SupportKind, Known], ...] = ()
    """What help to get started belongs to the step."""


class AfterLastAttempt(StrEnum):
    """What happens when the person has not been reached in the pathway's number of attempts."""

    ASK = "ask"
    """Somebody decides."""
    CLOSE = "close"
    """The case closes as unreachable."""


class Contact(_Part):
    """How one tries to reach the person."""

    attempts: int = Field(default=4, ge=1, le=20)
    then: AfterLastAttempt = AfterLastAttempt.ASK


class Measurement(_Part):
    """What is measured at a timepoint."""

    at: Annotated[Timepoint, Known]
    instruments: tuple[InstrumentId, ...] = Field(min_length=1)


class Condition(StrEnum):
    """When a follow-up takes place at all."""

    ALWAYS = "always"
    GOALS_AHEAD = "goals_ahead"
    """Only while a goal of the plan is not reached."""


class FollowUpTime(_Part):
    """One follow-up, counted from the agreed plan."""

    after: Days = 21
    minutes: int = Field(default=30, ge=5, le=480)
    modes: tuple[MeetingMode, ...] = Field(default=(MeetingMode.PHONE,), min_length=1)
    when: Condition = Condition.ALWAYS
    lapses_after: Days = 30
    """Days after its date when an unmade follow-up lapses, and is told as such."""


class SentBy(StrEnum):
    """Who sends the evaluation out."""

    NETWORK = "network"
    """A one-time link, on paper or by phone, from here."""
    OUTSIDE = "outside"
    """Somebody outside, who gets a pseudonymous file and gives one back."""


class Evaluation(_Part):
    """A measure some time after the plan, also when the case is closed by then."""

    after: Days = 182
    instruments: tuple[InstrumentId, ...] = Field(default=("ons-direct",), min_length=1)
    sent_by: SentBy = SentBy.NETWORK
    lapses_after: Days = 45


class Silence(_Part):
    """How long each kind of silence may last before it becomes an event and somebody's task."""

    consent_asked: Days = 7
    case_claimed: Days = 2
    person_reached: Days = 7
    offer_answered: Days = 5
    session_reported: Days = 7
    feedback_sent: Days = 3
    receipt_fetched: Days = 3
    withdrawal_confirmed: Days = 14
    evaluation_answered: Days = 21
    """After the evaluation went out, before it lapses: somebody may ask by phone."""
    in_line: Days = 30
    """A place on a waiting list is left alone for so long."""


class PartOfCase(StrEnum):
    """A part of a case that a role may or may not see."""

    NAME = "name"
    CONTACT = "contact"
    REASON = "reason"
    MAPPING = "mapping"
    MEASURES = "measures"
    PLAN = "plan"
    ENROLMENTS = "enrolments"


class Visibility(_Part):
    """Who sees which parts of a case. Link workers see all of their own, providers the logistics alone."""

    volunteer: tuple[PartOfCase, ...] = (
        PartOfCase.NAME,
        PartOfCase.CONTACT,
        PartOfCase.PLAN,
        PartOfCase.ENROLMENTS,
    )
    coordinator: tuple[PartOfCase, ...] = (PartOfCase.NAME, PartOfCase.PLAN, PartOfCase.ENROLMENTS)


class Mark(StrEnum):
    """What else is particular about a pathway."""

    ALTERNATIVES = "alternatives"
    """Alternatives are looked at together and kept with reasons before anything is asked for."""
    TRIAL = "trial"
    """What is prescribed is tried first."""
    MAY_GIVE = "may_give"
    """The person may be the giver: a volunteer in somebody else's activity."""
    SPILL_OVER = "spill_over"
    """What the activity led to is asked for at follow-up."""
    OUTSIDE_SERIES = "outside_series"
    """An outside series with a comparison area is shown beside the network's own."""
    VOLUNTEERS = "volunteers"
    """Volunteers may guide."""
    HOME_VISITS = "home_visits"
    DIGITAL = "digital"
    MANY_SHORT_CONTACTS = "many_short_contacts"
    UNMET_NEEDS = "unmet_needs"
    """A need that nothing met is recorded before a case may close as completed without an activity."""


_FIRST = Step(kind=MeetingKind.FIRST, name=Bilingual(sv="Första mötet", en="First meeting"))


class Pathway(_Part):
    """One way of working. The file a pathway is edited in has exactly this shape."""

    pathway: Slug
    name: Bilingual
    summary: Bilingual
    entry: Entry = Entry()
    preparation: Preparation = Preparation()
    steps: tuple[Step, ...] = Field(default=(_FIRST,), min_length=1, max_length=12)
    contact: Contact = Contact()
    measures: tuple[Measurement, ...] = ()
    followups: tuple[FollowUpTime, ...] = Field(default=(FollowUpTime(),), max_length=6)
    evaluation: Evaluation | None = None
    silence: Silence = Silence()
    feedback: tuple[Annotated[FeedbackPoint, Known], ...] = Field(default=tuple(FeedbackPoint), min_length=1)
    """The points at which the referrer hears back; closure is always among them."""
    messages: tuple[Annotated[MessageTemplate, Known], ...] = tuple(
        each for each in MessageTemplate if each is not MessageTemplate.SESSION_MOVED
    )
    """What the person may be sent. `session_moved` goes wherever `activity_confirmed` does, and need not be
    named: who is told when to come is told when that changes."""
    visibility: Visibility = Visibility()
    marks: tuple[Mark, ...] = ()

    @model_validator(mode="after")
    def _holds_together(self) -> Pathway:
        """What no single field can say: closure is always told, follow-ups come in order."""
        if FeedbackPoint.CLOSURE not in self.feedback:
            raise ValueError("feedback must hold 'closure': a referrer always hears how it ended")
        afters = [each.after for each in self.followups]
        if afters != sorted(set(afters)):
            raise ValueError("followups must come in the order of their 'after', each later than the last")
        points = [each.at for each in self.measures]
        if len(points) != len(set(points)):
            raise ValueError("measures may name each timepoint once; put its instruments in one list")
        return self


BUILT_IN = Pathway(
    pathway=DEFAULT,
    name=Bilingual(sv="Öppet nätverk", en="Open network"),
    summary=Bilingual(
        sv="Vilken lokal aktör som helst hänvisar; dialog; vidare till rätt aktör.",
        en="Any local actor refers; dialogue; onward to the right actor.",
    ),
)
"""Version 0 of the default pathway: what holds where nothing else is published."""


class PathwayPublished(
    Fact,
    type="pathway.published",
    id="pathway",
    said_by="referral",
    read_by=("navigator", "provider", "notify", "console"),
    data_class=DataClass.PUBLIC,
):
    """A pathway may be used from now on, in this version.

    It does *not* change referrals that began with an earlier version: they keep it to their end.
    """

    pathway: Slug
    version: int = Field(ge=1)
    definition: Pathway


class PathwayWithdrawn(
    Fact,
    type="pathway.withdrawn",
    id="pathway",
    said_by="referral",
    read_by=("console",),
    data_class=DataClass.PUBLIC,
):
    """No new referral may begin with this pathway. It does *not* end any that has begun."""

    pathway: Slug
