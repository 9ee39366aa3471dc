"""What happens to a person apart from any one referral. Owned by the referral service."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from sluss_contracts.event import Fact
from sluss_contracts.offering import Interest
from sluss_contracts.pathway import InstrumentId
from sluss_contracts.vocabulary import Area, Channel, Code, Key, LonelyFor, Need, Slug


class PersonSignposted(
    Fact,
    type="person.signposted",
    aggregate="signposting",
    id="signposting_id",
    said_by="referral",
    read_by=("console",),
):
    """Somebody was told of something that may suit them, and no case is opened.

    It does *not* hold who they are, and does *not* mean that they went there.
    """

    signposting_id: Key
    organisation: Slug | None = None
    """Who told them; nobody where they looked for themselves."""
    channel: Channel
    area: Area
    needs: tuple[Need, ...] = ()
    activity: Slug | None = None
    age_group: Code | None = None
    """`under_18`, `age_18_29`, `age_30_64`, `age_65_79` or `age_80_up`."""
    interests: tuple[Interest, ...] = Field(default=(), max_length=20)
    """What they like to do."""


class PersonScreened(
    Fact,
    type="person.screened",
    aggregate="screening",
    id="screening_id",
    said_by="referral",
    read_by=("console",),
):
    """Somebody was asked how lonely they are, before and apart from any referral.

    It does *not* hold who they are, and leads to nothing by itself.
    """

    screening_id: Key
    organisation: Slug
    area: Area
    instrument: InstrumentId
    version: int = Field(ge=1)
    answer: int = Field(ge=0, le=100)
    lonely_for: LonelyFor = LonelyFor.UNKNOWN
    led_to: Code
    """`nothing`, `signposted`, `referred` or `declined`."""


class PersonErased(
    Fact,
    type="person.erased",
    aggregate="person",
    id="person",
    said_by="referral",
    read_by=("notify", "console"),
):
    """The person's key and identity hash are destroyed: nothing the vault kept of them can be read again.

    It does *not* remove events: what is left of them is a pseudonym that leads to nobody.
    """

    person: Key
    why: Code


class PersonRetained(
    Fact,
    type="person.retained",
    aggregate="person",
    id="person",
    said_by="referral",
    read_by=("console",),
):
    """A rule says that what is kept of the person may not be destroyed before a date.

    It does *not* mean that anybody has asked for it to be. Saying another date moves it.
    """

    person: Key
    why: Code
    """The rule: `archive_law` …"""
    until: date
    """The first day on which it no longer holds."""


class ErasureHeld(
    Fact,
    type="person.erasure_held",
    aggregate="person",
    id="person",
    said_by="referral",
    read_by=("console",),
):
    """The person is to be erased, and a rule says not yet. It happens by itself when the rule no longer does.

    It does *not* refuse the person: the reason and the date are theirs to know.
    """

    person: Key
    why: Code
    """`open_work`, or the rule that holds it: `archive_law` …"""
    until: date | None = None
    """The first day on which the rule no longer holds it."""
    asked: Code = "asked_by_person"
    """Why they are to be erased."""
