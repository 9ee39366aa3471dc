"""The question what may suit somebody, asked of the navigator as a link worker, a page or a command does."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from services.navigator.store import finding
from sluss_contracts.activity import (
    ActivityAmended,
    ActivityExpired,
    ActivityPublished,
    ActivityVerified,
    ActivityWithdrawn,
    ProviderRegistered,
    SessionCancelled,
    SessionScheduled,
    VerificationDue,
)
from sluss_contracts.command import Actor
from sluss_contracts.commands.matching import ReadMatches
from sluss_contracts.commands.navigator import RecordContact, RequestEnrolment
from sluss_contracts.commands.planning import AgreePlan, GoalInWords, RecordAlternatives, RecordMapping
from sluss_contracts.consent import ConsentGiven, ConsentWithdrawn
from sluss_contracts.enrolment import (
    EnrolmentAccepted,
    EnrolmentEnded,
    EnrolmentOffered,
    EnrolmentWaitlisted,
)
from sluss_contracts.matching import Match
from sluss_contracts.offering import Cost, Eligibility, Per, Venue
from sluss_contracts.plan import AlternativeLookedAt
from sluss_contracts.vocabulary import (
    ConsentPurpose,
    GuardianRule,
    Need,
    PrescriptionKind,
    Role,
    Verdict,
    Whose,
)
from tests.navigator.office import MONDAY, Office, accepted


def told(activity: str, **said: Any) -> ActivityPublished:
    usual: dict[str, Any] = {
        "provider": "korpen",
        "title": activity.capitalize(),
        "kind": PrescriptionKind.SOCIAL,
        "needs": (Need.COMPANY,),
        "area": "centrum",
        "languages": ("sv",),
        "capacity": 8,
        "cost": Cost(kronor=0),
    }
    return ActivityPublished(activity=activity, **{**usual, **said})


async def with_a_case(office: Office, referral: str = "r1", **said: Any) -> None:
    await office.team("city", "centrum", "soder")
    await office.worker("anna")
    await office.hear(accepted(referral, **said))


async def matches(office: Office, by: str | Actor = "anna", **said: Any) -> list[Match]:
    answer = await office.do(ReadMatches, by, referral_id="r1", **said)
    return [Match.model_validate(row) for row in answer["matches"]]


async def names(office: Office, **said: Any) -> list[str]:
    return [match.activity for match in await matches(office, **said)]


def in_the_way(match: Match) -> list[str]:
    return [ground.code for ground in match.in_the_way]


async def test_a_row_says_in_words_why_and_what_may_be_in_the_way(office: Office) -> None:
    await with_a_case(office)
    mapped: dict[str, Any] = {"interests": ("singing",), "barriers": ("going_alone",)}
    await office.do(RecordMapping, referral_id="r1", **mapped)
    await office.hear(
        ProviderRegistered(provider="korpen", name="Korpen", kind="association", area="centrum")
    )
    venue, eligibility = Venue(name="Gamla torget"), Eligibility(from_age=65, health="inte vid svår yrsel")
    await office.hear(
        told("choir", interests=("singing",), hosted=True, venue=venue, eligibility=eligibility)
    )
    (choir,) = await matches(office)
    assert (choir.provider_name, choir.venue, choir.free) == ("Korpen", "Gamla torget", 8)
    assert choir.because == (
        *("meets_need", "shares_interest", "near", "eases_barrier", "speaks_language", "has_room"),
        *("free_of_charge", "hosted"),
    )
    assert in_the_way(choir) == ["age_to_ask", "judged_together"]
    assert choir.fits[1].sv == "Personen tycker om det här: sång."
    assert choir.fits[1].en == "The person likes this: singing."
    assert choir.in_the_way[1].sv == "Bedöms tillsammans med personen: inte vid svår yrsel."
    assert choir.unknown == ("others_who_come", "times")


async def test_what_is_said_of_an_activity_is_kept_whole_and_corrected_whole(office: Office) -> None:
    await with_a_case(office)
    venue = Venue(name="Torget", latitude=58.59, longitude=16.18)
    await office.hear(told("choir", interests=("singing",), venue=venue, access=("quiet",), mode="both"))
    row = (await office.rows("select venue, latitude, interests, access, mode, a_month from activity"))[0]
    assert (row["latitude"], row["interests"], row["access"], row["mode"], row["a_month"]) == (
        *(58.59, ["singing"], ["quiet"], "both", 0),
    )
    await office.hear(ActivityAmended(**told("choir", cost=None).model_dump()))
    row = (await office.rows("select venue, latitude, interests, a_month from activity"))[0]
    assert row == {"venue": None, "latitude": None, "interests": [], "a_month": None}
    shelves = await office.rows("select key from shelf order by key")
    assert [each["key"] for each in shelves] == [
        *("@anywhere:*:need/company", "centrum:*:need/company", "centrum:sv:need/company"),
    ]


async def test_what_nobody_vouches_for_sinks_then_hides_and_comes_back(office: Office) -> None:
    await with_a_case(office)
    await office.hear(told("choir"), told("walk"))
    assert await names(office) == ["choir", "walk"]
    await office.hear(VerificationDue(activity="choir", provider="korpen", hidden_at=MONDAY))
    assert await names(office) == ["walk", "choir"]
    await office.hear(ActivityExpired(activity="choir"))
    assert await names(office) == ["walk"]
    await office.hear(
        ActivityVerified(activity="choir", by=Role.PROVIDER, ask_again=MONDAY + timedelta(days=180))
    )
    assert await names(office) == ["choir", "walk"]
    await office.hear(ActivityWithdrawn(activity="choir", why="no_leader"))
    assert await names(office) == ["walk"]


async def asks_for_a_place(office: Office, referral: str, activity: str = "choir") -> dict[str, Any]:
    """Somebody else comes as far as asking for a place; what the provider says of it begins with this."""
    await office.hear(accepted(referral))
    await office.do(RecordContact, referral_id=referral, way="phone", outcome="reached")
    await office.do(AgreePlan, referral_id=referral, goals=(GoalInWords(words="Sjunga igen"),))
    asked = await office.do(RequestEnrolment, referral_id=referral, activity=activity)
    return {**asked, "referral_id": referral, "activity": activity, "provider": "korpen"}


async def test_places_are_counted_as_far_as_the_network_asked_for_them(office: Office) -> None:
    await with_a_case(office)
    await office.hear(told("choir", capacity=2), told("walk"))
    one, two = [await asks_for_a_place(office, referral) for referral in ("r2", "r3")]
    whom = {"person": "p", "alias": "Björk", "answer_by": MONDAY + timedelta(days=7)}
    await office.hear(EnrolmentOffered(**one, **whom), EnrolmentOffered(**two, **whom))
    walk, choir = await matches(office)
    assert (walk.activity, choir.activity, choir.free, in_the_way(choir)) == ("walk", "choir", 0, ["full"])
    await office.hear(EnrolmentAccepted(**one, person="p"))
    assert (await matches(office))[1].free == 0
    await office.hear(EnrolmentEnded(**one, whose=Whose.PERSON, reason="person_stopped"))
    assert [(each.activity, each.free) for each in await matches(office)] == [("choir", 1), ("walk", 8)]
    assert await office.rows("select distinct rank from shelf where activity = 'choir'") == [{"rank": 1}]


async def test_whoever_stands_in_line_comes_before_whoever_asks_now(office: Office) -> None:
    await with_a_case(office)
    await office.hear(told("choir", capacity=1))
    one, two, three = [await asks_for_a_place(office, referral) for referral in ("r2", "r3", "r4")]
    whom = {"person": "p", "alias": "Björk", "answer_by": MONDAY + timedelta(days=7)}
    await office.hear(EnrolmentOffered(**one, **whom))
    await office.hear(EnrolmentWaitlisted(**two, person="p", position=1))
    await office.hear(EnrolmentWaitlisted(**three, person="p", position=2))
    await office.hear(EnrolmentEnded(**one, whose=Whose.PERSON, reason="person_stopped"))
    (choir,) = await matches(office)
    assert (choir.free, choir.waiting, in_the_way(choir)) == (0, 2, ["full"]), "the free place is the first's"
    (ground,) = [each for each in choir.in_the_way if each.code == "full"]
    assert ground.sv == "Det är fullt så vitt nätverket vet; i kö redan: 2."
    assert await office.rows("select distinct rank from shelf") == [{"rank": 3}]

    await office.hear(EnrolmentOffered(**two, **whom))
    await office.hear(EnrolmentEnded(**two, whose=Whose.PERSON, reason="person_stopped"))
    assert [(each.free, each.waiting) for each in await matches(office)] == [(0, 1)]
    await office.hear(EnrolmentEnded(**three, whose=Whose.PERSON, reason="found_another"))
    assert [(each.free, each.waiting) for each in await matches(office)] == [(1, 0)]
    assert await office.rows("select distinct rank from shelf") == [{"rank": 1}]


@pytest.mark.parametrize(
    ("cost", "asked", "said"),
    [
        (Cost(kronor=0), {}, "Gratis."),
        (Cost(kronor=60, per=Per.TERM), {"at_most": 500}, "60 kr per termin, ungefär 12 kr i månaden."),
        (Cost(kronor=60, per=Per.MONTH), {"at_most": 500}, "60 kr i månaden."),
        (
            Cost(kronor=1600, per=Per.TIME),
            {"at_most": 100, "activities": ("choir",)},
            "1\N{NO-BREAK SPACE}600 kr per gång, ungefär 6400 kr i månaden: mer än personen har råd med.",
        ),
    ],
)
async def test_a_price_is_said_as_the_calendar_says_it(
    office: Office, cost: Cost, asked: dict[str, Any], said: str
) -> None:
    await with_a_case(office)
    await office.hear(told("choir", cost=cost))
    (choir,) = await matches(office, **asked)
    about = {"free_of_charge", "costs", "too_costly"}
    grounds = (*choir.fits, *choir.in_the_way, *choir.ruled_out)
    assert said in [each.sv for each in grounds if each.code in about]


async def test_what_the_person_has_asked_for_is_not_suggested_again(office: Office) -> None:
    await with_a_case(office, "r0")
    await office.hear(told("choir"))
    await asks_for_a_place(office, "r1")
    assert await names(office) == []
    assert (await office.do(ReadMatches, referral_id="r1"))["unmet"] == []


async def test_places_held_before_the_activity_is_heard_of_count_all_the_same(office: Office) -> None:
    await with_a_case(office)
    place = {"enrolment_id": "e1", "referral_id": "other", "activity": "choir", "provider": "korpen"}
    answer_by = MONDAY + timedelta(days=7)
    await office.hear(EnrolmentOffered(**place, person="p", alias="Björk", answer_by=answer_by))
    await office.hear(told("choir", capacity=1))
    assert [(each.free, in_the_way(each)) for each in await matches(office)] == [(0, ["full"])]


async def test_a_providers_word_and_a_place_taken_at_the_same_moment_leave_the_shelves_in_order(
    office: Office,
) -> None:
    await with_a_case(office)
    await office.hear(told("choir", capacity=1))
    whom = {"person": "p", "alias": "Björk", "answer_by": MONDAY + timedelta(days=7)}
    for number in range(4):
        place = await asks_for_a_place(office, f"r{number + 2}")
        due = VerificationDue(activity="choir", provider="korpen", hidden_at=MONDAY)
        await asyncio.gather(office.hear(due), office.hear(EnrolmentOffered(**place, **whom)))
        assert await office.rows("select distinct rank from shelf") == [{"rank": 7}]
        again = ActivityVerified(activity="choir", by=Role.PROVIDER, ask_again=MONDAY + timedelta(days=9))
        ended = EnrolmentEnded(**place, whose=Whose.NETWORK, reason="no_longer_needed")
        await asyncio.gather(office.hear(ended), office.hear(again))
        assert await office.rows("select distinct rank from shelf") == [{"rank": 1}]


async def test_sessions_to_come_are_told_and_cancelled_ones_are_not(office: Office) -> None:
    await with_a_case(office)
    await office.hear(told("choir"))
    for number, days in (("s1", 1), ("s2", 8)):
        starts = MONDAY + timedelta(days=days)
        await office.hear(SessionScheduled(session_id=number, activity="choir", starts=starts, minutes=60))
    assert (await matches(office))[0].starts == MONDAY + timedelta(days=1)
    await office.hear(SessionCancelled(session_id="s1", activity="choir", why="ill"))
    (choir,) = await matches(office, days=("tuesday",))
    assert choir.starts == MONDAY + timedelta(days=8)
    assert "suits_days" in choir.because


async def test_whom_the_person_does_not_want_to_know_of_them_is_not_suggested(office: Office) -> None:
    await with_a_case(office)
    await office.hear(told("choir"), told("books", provider="library"))
    about = {"referral_id": "r1", "person": "p-r1"}
    await office.hear(ConsentWithdrawn(**about, receivers=("korpen",)))
    assert await names(office) == ["books"]
    await office.hear(ConsentGiven(**about, purposes=tuple(ConsentPurpose), receivers=("korpen",)))
    assert await names(office) == ["books", "choir"]
    assert await names(office, never=("library",)) == ["choir"]


async def test_what_was_declined_sinks_or_is_not_shown_again(office: Office) -> None:
    await with_a_case(office)
    await office.hear(told("choir"), told("games"), told("walk"))
    declined = [
        AlternativeLookedAt(activity="choir", verdict=Verdict.DECLINED, why="not_my_kind"),
        AlternativeLookedAt(activity="games", verdict=Verdict.DECLINED, why="wrong_time"),
    ]
    await office.do(RecordAlternatives, referral_id="r1", alternatives=declined)
    assert await names(office) == ["walk", "games"]
    (choir,) = await matches(office, activities=("choir",))
    assert [(ground.code, ground.about) for ground in choir.ruled_out] == [("said_no", ("not_my_kind",))]


async def test_the_case_tells_that_somebody_is_a_minor_and_nothing_more(office: Office) -> None:
    await with_a_case(office, guardian_rule=GuardianRule.INFORMED)
    await office.hear(told("grown-ups", eligibility=Eligibility(from_age=18)))
    await office.hear(told("young", eligibility=Eligibility(from_age=13, to_age=20)))
    (young,) = await matches(office)
    assert (young.activity, in_the_way(young)) == ("young", ["age_to_ask"])
    assert in_the_way((await matches(office, age=15))[0]) == []


async def test_a_shelf_full_of_what_is_not_for_them_hides_nothing(office: Office) -> None:
    await with_a_case(office)
    crowd = [told(f"a{number:03}", cost=Cost(kronor=500)) for number in range(finding.HERE + 10)]
    await office.hear(*crowd, told("zumba", cost=Cost(kronor=0)))
    assert await names(office, at_most=100) == ["zumba"]


async def test_the_areas_of_the_same_team_are_neighbours_and_from_home_is_anywhere(office: Office) -> None:
    await with_a_case(office)
    await office.hear(
        told("far", area="norr"), told("next", area="soder"), told("web", area="x", mode="digital")
    )
    assert await names(office) == ["web", "next"]
    assert await names(office, also_areas=("norr",)) == ["far", "web", "next"]
    assert await names(office, mode="on_site") == ["next"]


async def test_what_nothing_meets_may_be_recorded_as_unmet(office: Office) -> None:
    await with_a_case(office, needs=(Need.COMPANY, Need.DEBT))
    await office.hear(told("choir"), told("debts", needs=(Need.DEBT,), area="norr"))
    answer = await office.do(ReadMatches, referral_id="r1")
    assert answer["unmet"] == [{"need": "debt", "area": "centrum", "why": "too_far"}]


async def test_what_somebody_may_not_see_is_not_gone_by(office: Office) -> None:
    await with_a_case(office)
    await office.do(RecordMapping, referral_id="r1", interests=("singing",))
    await office.hear(told("choir", interests=("singing",)))
    volunteer = Actor(id="anna", role=Role.VOLUNTEER)
    refused = (await office.ask(ReadMatches, volunteer, referral_id="r1")).refused
    assert refused is not None
    assert refused.code == "nothing_to_go_by"
    (choir,) = await matches(office, volunteer, needs=("company",))
    assert "shares_interest" not in choir.because


@pytest.mark.parametrize("by", ["bo", Actor(id="korpen", role=Role.PROVIDER)])
async def test_nobody_else_asks_about_somebodys_case(office: Office, by: str | Actor) -> None:
    await with_a_case(office)
    refused = (await office.ask(ReadMatches, by, referral_id="r1")).refused
    assert refused is not None
    assert refused.code in ("not_this_workers", "not_allowed")


async def test_nothing_is_kept_of_what_was_asked(office: Office) -> None:
    await with_a_case(office)
    before = await office.rows("select count(*) from event")
    near = {"latitude": 58.59, "longitude": 16.18}
    await office.do(ReadMatches, referral_id="r1", near=near, within_km=5, age=30)
    assert await office.rows("select count(*) from event") == before
