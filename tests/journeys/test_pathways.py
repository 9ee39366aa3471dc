"""Each shipped pathway from referral to evaluation on a real network, with its mark in the story."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from services.runtime.led_clock import Leader
from sluss.commands.simulate import BEGINS
from sluss.invariants.asking import broken_after, violations
from sluss.ledger import Entry, Ledger
from sluss.machine.network import Network
from sluss.pathways.files import SHIPPED
from sluss.pathways.publishing import listed
from sluss.people.letterbox import Letterbox
from sluss.people.lives import SCRIPTS, Book, Life, Turn
from sluss.people.series import import_made_up_series
from sluss.people.simulation import Outcome, Simulation
from sluss.people.telling import stories
from sluss.people.town import organisations_of, referring, settle
from sluss.reach import Reached, reached
from sluss.registries import registries
from sluss_contracts.command import Actor
from sluss_contracts.commands.notify import ReadSeries
from sluss_contracts.commands.referral import ReadPerson
from sluss_contracts.vocabulary import Role

pytestmark = [pytest.mark.slow(minutes=4), pytest.mark.timeout(800)]

REFERRALS = 5 * len(SHIPPED)
LASTING = timedelta(days=225)
"""Long enough for the evaluation six months after the plan to come back."""


@dataclass
class Lived:
    """What has happened, and to whom."""

    there: Reached
    lives: list[Life]
    outcome: Outcome
    entries: list[Entry]

    def said(self, pathway: str, fact: str, *, turn: Turn | None = None) -> list[dict[str, Any]]:
        """What was said of referrals on a pathway, perhaps only of those with a turn."""
        keys = {
            self.outcome.referrals[life.submission_id]
            for life in self.lives
            if life.pathway == pathway and turn in (None, life.turn)
        }
        return [entry.data for entry in self.entries if entry.key in keys and entry.name == fact]

    def referral(self, pathway: str, turn: Turn) -> str:
        """The first referral on a pathway whose life takes this turn."""
        life = next(each for each in self.lives if (each.pathway, each.turn) == (pathway, turn))
        return self.outcome.referrals[life.submission_id]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def there(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Reached]:
    """One network for all the pathways, with everybody who takes part."""
    folder = tmp_path_factory.mktemp("pathways")
    network = Network(folder, led_from=BEGINS)
    await network.start()
    try:
        async with reached(folder) as there:
            await settle(there, SHIPPED)
            await import_made_up_series(there, SHIPPED, 7)
            yield there
    finally:
        await network.stop()


async def live(there: Reached, lives: list[Life], lasting: timedelta) -> Lived:
    ledger = Ledger(there.ledger.connection)
    async with referring(there, organisations_of(SHIPPED)) as referrers:
        assert there.run.clock.file is not None
        leader = Leader(there.run.clock.file)
        letterbox = Letterbox(there.run.messages)
        people = Simulation(
            there.network, ledger, there.clock, referrers, seed=7, leader=leader, letterbox=letterbox
        )
        arrivals = timedelta(days=10)
        outcome = await people.live(lives, arrivals=arrivals, lasting=lasting, patience=40)
    return Lived(there, lives, outcome, await Ledger(there.ledger.connection).everything())


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def lived(there: Reached) -> Lived:
    return await live(there, Book(7, SHIPPED).write(REFERRALS), LASTING)


async def test_every_referral_reaches_its_end_and_everything_holds(lived: Lived) -> None:
    assert lived.outcome.complete, lived.outcome.stuck
    connection = lived.there.ledger.connection
    assert await broken_after(lambda: violations(connection, registries()), within=30) == {}
    versions = {each.pathway: (each.version, each.referrals) for each in await listed(lived.there)}
    assert set(versions) == set(SHIPPED)
    assert all(version == 1 and referrals >= 5 for version, referrals in versions.values())
    for pathway in SHIPPED:
        kept = {
            (said["pathway"], said["pathway_version"]) for said in lived.said(pathway, "referral.accepted")
        }
        assert kept == {(pathway, 1)}


async def test_skarptorp_letter_screening_host_company_and_an_evaluation_sent_by_others(lived: Lived) -> None:
    here = "tillsammans-skarptorp"
    invited = [said for said in lived.said(here, "message.queued") if said["template"] == "invitation"]
    assert invited
    assert all(said["about"]["by_letter"] for said in invited)
    (declined,) = lived.said(here, "referral.declined")
    assert (declined["screened_out"], declined["why"]) == (True, "social_phobia")
    assert declined["turn_to"] == "Psykosociala teamet på vårdcentralen"
    meetings = lived.said(here, "meeting.held", turn=Turn.USUAL)
    assert {"first", "step_two"} <= {said["kind"] for said in meetings}
    assert all(said["minutes"] == 45 for said in meetings if said["kind"] == "first")
    supports = {said["kind"] for said in lived.said(here, "support.agreed")}
    assert {"host", "accompaniment", "barrier_help"} <= supports
    assert lived.said(here, "enrolment.host_wanted"), "a provider is told before it answers"
    assert any(said.get("host") for said in lived.said(here, "enrolment.accepted"))
    answered = lived.said(here, "evaluation.answered")
    assert {said["how"] for said in answered} == {"outside"}
    assert {said["instrument"] for said in answered} == {"ons-direct", "ons4"}
    (linked,) = lived.said(here, "referral.linked")
    assert (linked["how"], linked["to"]) == ("duplicate_of", lived.referral(here, Turn.TWICE))


async def test_umea_alternatives_with_reasons_trial_the_person_gives_and_what_it_led_to(lived: Lived) -> None:
    here = "sar-umea"
    looked_at = lived.said(here, "alternatives.looked_at")
    assert looked_at
    declined = [each for said in looked_at for each in said["alternatives"] if each["verdict"] == "declined"]
    assert declined
    assert all(each["why"] for each in declined)
    prescribed = lived.said(here, "prescription.issued")
    assert all(said["trial"] for said in prescribed)
    assert [said["giver"] for said in lived.said(here, "prescription.issued", turn=Turn.GIVES)] == [True]
    assert all(said["times_a_week"] for said in lived.said(here, "spillover.reported"))
    assert lived.said(here, "spillover.reported")
    again = [said for said in lived.said(here, "referral.accepted") if said.get("replaces")]
    assert [said["replaces"] for said in again] == [lived.referral(here, Turn.COMES_BACK)]


async def test_hogsby_at_home_or_by_video_and_a_pause(lived: Lived) -> None:
    here = "halsolots-hogsby"
    modes = Counter(said["mode"] for said in lived.said(here, "meeting.held") if said["kind"] == "first")
    assert set(modes) <= {"home", "video"}
    assert set(modes) == {"home", "video"}, "some at home, some by video"
    assert "escort" in {said["kind"] for said in lived.said(here, "support.agreed")}
    assert lived.said(here, "case.paused", turn=Turn.PAUSES)
    assert lived.said(here, "case.closed", turn=Turn.MOVES_AWAY)[0]["outcome"] == "moved"


async def test_frome_volunteers_guide_and_see_less_beside_an_outside_series(lived: Lived) -> None:
    here = "frome-connectors"
    handed_on = lived.said(here, "case.reassigned")
    assert {said["worker"] for said in handed_on} <= {"rosie", "simon", "tess"}
    assert handed_on
    referral, volunteer = handed_on[0]["referral_id"], handed_on[0]["worker"]

    async def asks(role: Role, who: str) -> dict[str, Any]:
        question = ReadPerson(
            command_id=uuid4(), actor=Actor(id=who, role=role), referral_id=referral, purpose="test"
        )
        return (await lived.there.ask(question)).result

    assert "reason" in await asks(Role.LINK_WORKER, "pippa")
    seen = await asks(Role.VOLUNTEER, volunteer)
    assert "name" in seen
    assert "reason" not in seen
    actor = Actor(id="coordinator", role=Role.COORDINATOR)
    question = ReadSeries(command_id=uuid4(), actor=actor, series="frome-emergency-visits")
    series = (await lived.there.ask(question)).result
    assert (series["area"], series["comparison_area"]) == ("frome", "rest-of-region")
    assert all(point["comparison"] for point in series["points"])
    assert lived.said(here, "consent.withdrawal_confirmed", turn=Turn.WITHDRAWS_FROM_PROVIDER)
    ended = lived.said(here, "enrolment.ended", turn=Turn.WITHDRAWS_FROM_PROVIDER)
    assert ("person", "consent_withdrawn") in {(said["whose"], said["reason"]) for said in ended}


async def test_bromley_wide_needs_and_many_short_contacts(lived: Lived) -> None:
    here = "bromley-by-bow"
    assert all(len(said["needs"]) > 1 or said["needs"] for said in lived.said(here, "referral.accepted"))
    assert {"debt", "work", "parenting"} & {
        need for said in lived.said(here, "referral.accepted") for need in said["needs"]
    }
    usual = lived.referral(here, Turn.USUAL)
    short = [
        said
        for said in lived.said(here, "meeting.held")
        if said["referral_id"] == usual and said["kind"] == "short"
    ]
    assert len(short) >= 3
    requests = Counter(said["referral_id"] for said in lived.said(here, "case.enrolment_requested"))
    assert max(requests.values()) >= 2, "several things at a time"


async def test_the_open_network_sends_onward_and_writes_down_what_nobody_could_offer(lived: Lived) -> None:
    here = "open-network"
    redirected = lived.said(here, "referral.redirected")
    assert {said.get("to_organisation") for said in redirected} == {None, "af-norrkoping"}
    (moved,) = [said for said in redirected if said.get("to_area")]
    assert any(entry.key == moved["replaced_by"] for entry in lived.entries)
    assert lived.said(here, "case.need_unmet", turn=Turn.UNMET)
    assert {said["organisation"] for said in lived.said(here, "referral.submitted")} == {
        *("vc-strommen", "soc-norrkoping", "af-norrkoping", "vasaskolan")
    }
    assert lived.said(here, "referral.accepted", turn=Turn.MINOR)[0]["guardian_rule"] in (
        "consents",
        "informed",
    )
    ways = {said["how"] for said in lived.said(here, "evaluation.answered")}
    assert "link" in ways, "somebody opens the link in their letter"
    assert ways <= {"link", "phone"}


async def test_whatever_turn_it_takes_whoever_referred_hears_that_it_is_over(there: Reached) -> None:
    """Asked later and refused, taken back, made in error, declined, sent on: all that ends early."""
    lives = Book(5, ("open-network",)).write(len(SCRIPTS["open-network"]))
    run = await live(there, lives, timedelta(days=60))
    assert {Turn.ASKED_LATER_NO, Turn.WITHDRAWS, Turn.TAKEN_BACK, Turn.OUTSIDE_REMIT} <= {
        life.turn for life in lives
    }
    assert run.outcome.complete, run.outcome.stuck
    connection = there.ledger.connection
    assert await broken_after(lambda: violations(connection, registries()), within=30) == {}
    for turn in (Turn.ASKED_LATER_NO, Turn.WITHDRAWS):
        issued = run.said("open-network", "feedback.issued", turn=turn)
        (closing,) = (said for said in issued if said["point"] == "closure")
        assert closing.get("outcome") is None, f"{turn}: that it is over, and nothing of how"


async def test_the_same_seed_gives_the_same_story(there: Reached, lived: Lived) -> None:
    """What "same" means is written in `sluss.people.telling`."""
    told = []
    for _ in range(2):
        lives = Book(11, ("sar-umea",)).write(2)
        run = await live(there, lives, timedelta(days=1))
        assert run.outcome.complete, run.outcome.stuck
        told.append(stories(run.entries, lives, run.outcome.referrals))
        await asyncio.sleep(0.5)
    first, second = told
    assert first == second
    assert all(len(lines) > 10 for lines in first.values())
