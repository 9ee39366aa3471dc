"""What else people write in a network, beside the case that is on its way: at least once in every field."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

from services.runtime.session_code import code_of
from services.runtime.web import Identity
from sluss_contracts.command import Actor
from sluss_contracts.commands.catalogue import (
    GiveActivityContact,
    GiveProviderContact,
    ProposeProvider,
    PublishResource,
)
from sluss_contracts.commands.looking import SearchPersons
from sluss_contracts.commands.meetings import BookMeeting, MoveMeeting
from sluss_contracts.commands.navigator import CloseCase, PublishInstrument, RecordContact, RequestEnrolment
from sluss_contracts.commands.notify import ImportSeries
from sluss_contracts.commands.provider import (
    ProposeActivity,
    PublishActivity,
    ReadActivityLink,
    ReadEnrolmentLink,
    RescheduleSession,
    ScheduleSession,
    SuggestAnotherTime,
)
from sluss_contracts.commands.referral import ChangeContact, DeclineReferral, KeepWords, PublishPathway
from sluss_contracts.commands.schedule import SetSchedule
from sluss_contracts.commands.signing_in import AllowSignIn
from sluss_contracts.evaluation import SeriesPoint
from sluss_contracts.instruments import pack_of
from sluss_contracts.instruments.format import Wording
from sluss_contracts.offering import Cost, Eligibility, Venue
from sluss_contracts.pathway import BUILT_IN
from sluss_contracts.resource import ResourceKind
from sluss_contracts.schedule import Recurrence
from sluss_contracts.vocabulary import (
    CaseOutcome,
    ContactOutcome,
    ContactWay,
    MeetingMode,
    Need,
    OrganisationKind,
    OutsideMeasure,
    PrescriptionKind,
    Role,
    Whose,
)
from tests.support.casework import ANNA, SIV, Casework
from tests.support.planning import KORPEN, WALK, Far, reached

ANYBODY = Identity(Actor(id="anybody", role=Role.PERSON), "Anybody")
ASKED = {"sv": "Hur är det?"}


async def settle(work: Casework, far: Far) -> list[str]:
    """Say all of it. Addresses that are given to providers and participants alone."""
    venue = Venue(name="Parken", street="Parkgatan 1", postal_code="602 20", town="Norrköping")
    described = {
        "provider": "korpen",
        "kind": PrescriptionKind.CULTURE,
        "needs": (Need.COMPANY,),
        "area": "hageby",
        "capacity": 10,
        "about": "Vi sjunger.",
        "venue": venue,
        "cost": Cost(kronor=20, note="Kaffe ingår."),
        "eligibility": Eligibility(groups=("anhöriga",), health="Kan stå en stund."),
    }
    await work.do(PublishActivity, activity="kor", title="Kören", **described)
    singing = Recurrence(starts="2026-03-04T18:00", rrule="FREQ=WEEKLY", venue=venue)
    await work.do(SetSchedule, activity="kor", recurrences=(singing,))
    when = work.clock.now() + timedelta(days=9)
    late = await work.do(ScheduleSession, activity=WALK, starts=when, venue=venue)
    moved = {"session_id": late["session_id"], "starts": when + timedelta(hours=1), "venue": venue}
    await work.do(RescheduleSession, activity=WALK, **moved)
    await work.do(ProposeActivity, ANYBODY, activity="kor-0a1b2c3d", title="En kör", **described)
    association = {"kind": OrganisationKind.ASSOCIATION, "area": "hageby"}
    await work.do(ProposeProvider, ANYBODY, provider="bygdegarden", name="Bygdegården", **association)
    reach = {"name": "Maj", "phone": "011-12 34 57", "note": "Ring sent."}
    await work.do(GiveProviderContact, provider="korpen", **reach)
    await work.do(GiveActivityContact, activity="kor", **reach)
    for kind in (ResourceKind.BOOK, ResourceKind.HELPLINE):
        said = {"author": "Ek", "about": "Bra.", "source": "Biblioteket"}
        more = {key: described[key] for key in ("cost", "eligibility")}
        await work.do(PublishResource, resource=f"r-{kind}", kind=kind, title="Ensam", **said, **more)
    await work.do(AllowSignIn, who="maj", name="Maj", subject="sub-1", role=Role.COORDINATOR)
    for theirs in ("ons4", "ucla-3"):
        pack = pack_of(theirs)
        words: dict[str, Any] = {
            "ask": ASKED,
            "wording": Wording.LICENSED,
            "languages": ("sv",),
            "instrument": f"own-{theirs}",
        }
        items = tuple(item.model_copy(update={"text": ASKED}) for item in pack.items)
        options = tuple(option.model_copy(update={"text": ASKED}) for option in pack.options)
        definition = pack.model_copy(update=words | {"items": items, "options": options})
        await work.do(PublishInstrument, instrument=definition.instrument, definition=definition)
    elsewhere = BUILT_IN.preparation.model_copy(update={"redirect_to": "Vårdcentralen"})
    way = BUILT_IN.model_copy(update={"preparation": elsewhere})
    await work.do(PublishPathway, pathway=way.pathway, definition=way)
    await reached(work, "Frida Ek")

    case = {"referral_id": far.case}
    at: dict[str, Any] = {"starts": work.clock.now() + timedelta(days=2), "mode": MeetingMode.HOME}
    booked = await work.do(BookMeeting, ANNA, **case, **at, place="Hos dig", lone_work="Ring kl 11.")
    at["starts"] += timedelta(hours=2)
    named = {"meeting_id": booked["meeting_id"], "place": "Hos dig", "lone_work": "Ring."}
    await work.do(MoveMeeting, ANNA, **case, **at, **named)
    await work.do(KeepWords, ANNA, **case, words=("En anteckning.",))
    ways = dict.fromkeys(("phone", "email", "postal_address", "inbox"), "Gatan 1")
    await work.do(ChangeContact, ANNA, **case, contact=ways, safe_contact={"must_not_know": "Maken"})
    asked = await work.do(RequestEnrolment, ANNA, **case, activity="kor")
    offer = {"enrolment_id": asked["enrolment_id"], "provider": "korpen", "host": "Maja", "starts": when}
    await work.do(SuggestAnotherTime, KORPEN, **case, **offer)

    await work.do(SearchPersons, wanted="Gunborg", among=(far.case,), purpose="search")
    points = (SeriesPoint(starts=date(2025, 1, 1), ends=date(2025, 12, 31), here=1.0, comparison=2.0),)
    areas = {"area": "hageby", "comparison_area": "vilbergen"}
    series = {"measure": OutsideMeasure.EMERGENCY_VISITS, **areas, "points": points}
    await work.do(ImportSeries, series="care", source="Regionen", **series)

    closed = {"referral_id": await work.refer("Ebba Ek")}
    spoke = {"way": ContactWay.PHONE, "outcome": ContactOutcome.REACHED}
    await work.do(RecordContact, ANNA, **closed, **spoke)
    await work.do(CloseCase, ANNA, **closed, outcome=CaseOutcome.COMPLETED, feedback="Allt gick bra.")
    declined = {"referral_id": await work.refer("Disa Ek")}
    no = {"whose": Whose.NETWORK, "why": "other_help", "turn_to": "Vårdcentralen"}
    await work.do(DeclineReferral, SIV, **declined, **no)

    await work.wait(timedelta(days=4))  # until the first session is over
    links = [
        await work.do(ReadEnrolmentLink, **case, enrolment_id=asked["enrolment_id"]),
        await work.do(ReadActivityLink, activity="kor"),
        await work.do(ReadActivityLink, activity=WALK, session_id=far.session),
    ]
    answers = [urlsplit(link["address"]).path for link in links]
    return [*answers, f"/traff/{code_of(str(late['session_id']))}"]
