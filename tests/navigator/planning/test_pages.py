"""The work with one person, page by page: what is shown, what is saved, and what is said when it is not."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
import pytest_asyncio

from services.navigator.domain.case import Case
from sluss_contracts.commands.navigator import CloseCase, PauseCase
from sluss_contracts.commands.planning import AgreePlan, GoalInWords, RecordMapping
from sluss_contracts.commands.provider import SuggestAnotherTime
from sluss_contracts.commands.referral import PublishPathway, ReadWords
from sluss_contracts.pathway import BUILT_IN, Evaluation, Measurement
from sluss_contracts.vocabulary import CaseOutcome, Look, Timepoint
from tests.support.casework import ANNA, HASSAN, Casework
from tests.support.forms import fields_of
from tests.support.planning import (
    KORPEN,
    STORY,
    WALK,
    WORDS,
    Far,
    fill_in,
    form_on,
    on_the_way,
    reached,
    send_on,
)

pytestmark = pytest.mark.slow


@pytest_asyncio.fixture(scope="module")
async def anna(work: Casework) -> AsyncIterator[httpx.AsyncClient]:
    async with work.browser_of(ANNA) as browser:
        yield browser


@pytest_asyncio.fixture(scope="module")
async def far(work: Casework) -> Far:
    return await on_the_way(work)


async def state_of(work: Casework, case: str) -> Case:
    pool = work.at["navigator"].pool
    state = await pool.fetchval("select state from aggregate where key = $1 and kind = 'case'", case)
    return Case.model_validate(state)


async def test_a_case_is_worked_through_without_script(work: Casework, anna: httpx.AsyncClient) -> None:
    case = await reached(work, "Elsa Ny")
    at = f"/cases/{case}"
    mapped = {"what_matters": "Bara att någon frågar.", "needs": ["company", "culture"], "who__1": "sister"}
    page = await fill_in(anna, f"{at}/mapping", f"{at}/mapping", **mapped, wish__1="resume")
    assert "Kartläggningen är sparad." in page.text
    assert "Bara att någon frågar." in page.text

    one = f"{at}/instruments/ons-direct"
    page = await fill_in(anna, one, one, item__lonely="5")
    assert "Svaren är sparade och uträknade." in page.text

    page = await fill_in(anna, f"{at}/plan", f"{at}/plan", goal__1="Fika med min syster", agreed="yes")
    assert "Planen är sparad." in page.text
    state = await state_of(work, case)
    assert (state.plan_version, len(state.goals), state.mapping and state.mapping.version) == (1, 1, 1)
    assert [each.scores for each in state.measures.values()] == [{"lonely": 5.0}]

    said = {"verdict__gafotboll": "chosen", "verdict__sprakkafe": "declined", "why__sprakkafe": "too_far"}
    page = await fill_in(anna, f"{at}/matching", f"{at}/matching/looked-at", **said)
    assert "Det ni såg på är sparat." in page.text
    asking = f"{at}/matching/gafotboll"
    assert f'href="{asking}"' in page.text

    wanted = dict.fromkeys(("host", "accompany", "recept", "trial"), "yes")
    page = await fill_in(anna, asking, asking, **wanted)
    assert "Platsen är efterfrågad. Arrangören svarar." in page.text
    assert "Arrangören är tillfrågad" in page.text
    state = await state_of(work, case)
    assert list(state.enrolments.values()) == ["gafotboll"]
    assert {each.kind.value for each in state.supports.values()} == {"host", "accompaniment"}
    (recept,) = state.prescriptions.values()
    assert (recept.activity, recept.trial, recept.goal_id) == ("gafotboll", True, state.goal_ids[0])

    goal = state.goal_ids[0]
    page = await fill_in(anna, f"{at}/plan", f"{at}/plan/progress", how_far="4", goal=goal)
    assert "Hur långt personen har kommit är sparat." in page.text
    help_ = {"kind": "barrier_help", "barrier": "transport", "by": "anna-lind"}
    page = await fill_in(anna, f"{at}/help", f"{at}/help", **help_)
    assert "Hjälp med något som är i vägen: att ta sig dit" in page.text
    page = await fill_in(anna, f"{at}/help", f"{at}/help/given")
    assert "Antecknat att hjälpen har getts." in page.text
    page = await fill_in(
        anna, f"{at}/matching", f"{at}/matching/unmet", need="culture", why="nothing_offered"
    )
    assert "Behovet är antecknat som otillgodosett." in page.text
    state = await state_of(work, case)
    assert (state.progress, len(state.supports_given), len(state.unmet)) == ({goal: 4}, 1, 1)


async def test_taking_part_from_the_first_time_to_the_end(work: Casework, anna: httpx.AsyncClient) -> None:
    there = await on_the_way(work, "Tage Dahl")
    at, place = f"/cases/{there.case}", f"/cases/{there.case}/taking-part/{there.enrolment}"
    page = (await anna.get(f"{at}/taking-part")).text
    assert "Maja möter personen." in page
    assert f'action="{place}/attendance"' not in page  # nobody can have come yet
    await work.wait(timedelta(days=4))
    came = {"session": there.session, "outcome": "attended"}
    page = (await fill_in(anna, f"{at}/taking-part", f"{place}/attendance", **came)).text
    assert "Antecknat om personen kom." in page
    assert re.search(r"5 mars 2026 09:00|\d+ mars 2026 09:00: Kom", page)
    more = {"more_activities": "2", "times_a_week": "3", "kinds": ["social"]}
    page = (await fill_in(anna, f"{at}/taking-part", f"{at}/taking-part/led-to", **more)).text
    assert "Sagt senast: 2 fler aktiviteter, 3 gånger i veckan." in page

    await work.wait(timedelta(days=30))
    page = (await anna.get(f"{at}/follow-up")).text
    assert "Dags att fråga" in page
    (action,) = set(re.findall(rf'action="({at}/follow-up/[^"]+)"', page))
    page = (await fill_in(anna, f"{at}/follow-up", action, how="going_well")).text
    assert "Uppföljningen är sparad." in page
    assert "Det går bra" in page

    page = (await fill_in(anna, f"{at}/taking-part", f"{place}/end", reason="self_sustaining")).text
    assert "Platsen är ledig igen." in page
    assert "Fortsätter själv, utan nätverket" in page


async def test_another_time_is_agreed_with_the_person(work: Casework, anna: httpx.AsyncClient) -> None:
    case = await reached(work, "Sven Sol")
    at = f"/cases/{case}"
    await work.do(AgreePlan, ANNA, referral_id=case, goals=(GoalInWords(words="Ut"),))
    await fill_in(anna, f"{at}/matching/sprakkafe", f"{at}/matching/sprakkafe")
    ((enrolment, _),) = (await state_of(work, case)).enrolments.items()
    other = work.clock.now() + timedelta(days=9)
    said = {"referral_id": case, "enrolment_id": enrolment, "provider": "korpen", "starts": other}
    await work.do(SuggestAnotherTime, KORPEN, **said)
    page = (await fill_in(anna, f"{at}/taking-part", f"{at}/taking-part/{enrolment}/time")).text
    assert "Den nya tiden är avtalad, och arrangören vet." in page
    assert "Välkommen" in page


async def test_what_is_wrong_is_told_at_once_and_nothing_written_is_lost(
    work: Casework, anna: httpx.AsyncClient
) -> None:
    case = await reached(work, "Rut Berg")
    at = f"/cases/{case}"
    page = await fill_in(anna, f"{at}/plan", f"{at}/plan", goal__1="Sjunga i kör")
    assert page.status_code == 422
    assert 'href="#agreed"' in page.text
    assert 'aria-invalid="true" aria-describedby="agreed-hint agreed-fault"' in page.text
    assert "Sjunga i kör" in page.text
    assert (await state_of(work, case)).plan_version == 0
    one = f"{at}/instruments/ons4"
    page = await fill_in(anna, one, one, item__satisfied="7")
    assert page.status_code == 422
    assert 'href="#item-worthwhile"' in page.text
    assert 'value="7" id=' in page.text or 'value="7" checked' in page.text
    page = await fill_in(anna, f"{at}/matching", f"{at}/matching/looked-at", verdict__gafotboll="declined")
    assert page.status_code == 422
    assert 'href="#why-gafotboll"' in page.text
    page = await fill_in(anna, f"{at}/help", f"{at}/help", kind="barrier_help")
    assert 'href="#barrier"' in page.text


async def test_a_refusal_names_the_rule_and_the_remedy(work: Casework, anna: httpx.AsyncClient) -> None:
    case = await work.refer("Ivar Lo")  # nobody has spoken with him
    at = f"/cases/{case}"
    page = (await anna.get(f"{at}/plan")).text
    assert "Anteckna först kontakten eller mötet" in page
    assert f'action="{at}/plan"' not in page
    asked = await anna.get(f"{at}/mapping")
    await work.do(PauseCase, ANNA, referral_id=case, why="illness", until="2026-12-01")
    refused = await send_on(anna, asked.text, f"{at}/mapping", {"what_matters": "Mina egna ord"})
    assert refused.status_code == 422
    assert "<h2>Ärendet vilar</h2>" in refused.text
    assert "Låt arbetet fortsätta först, och skicka igen." in refused.text
    assert ">\nMina egna ord</textarea>" in refused.text
    assert "<code>case_is_paused</code>" in refused.text
    for page_ in ("mapping", "instruments", "plan", "matching", "recept", "help"):
        assert "Ärendet vilar." in (await anna.get(f"{at}/{page_}")).text, page_


async def test_two_who_edit_see_each_others_change(work: Casework, anna: httpx.AsyncClient) -> None:
    case = await reached(work, "Maj Ek")
    at = f"/cases/{case}"
    await work.do(RecordMapping, ANNA, referral_id=case, what_matters="Det första")
    mine = (await anna.get(f"{at}/mapping")).text
    # Somebody else's step in the case is in nobody's way …
    await work.do(AgreePlan, ANNA, referral_id=case, goals=(GoalInWords(words="Ut"),))
    saved = await send_on(anna, mine, f"{at}/mapping", {"what_matters": "Mitt första"})
    assert "Kartläggningen är sparad." in saved.text
    # … but another mapping is shown before it is written over, and what was written stays.
    mine = (await anna.get(f"{at}/mapping")).text
    await work.do(RecordMapping, ANNA, referral_id=case, what_matters="Kollegans ord")
    stale = await send_on(anna, mine, f"{at}/mapping", {"what_matters": "Mina ord"})
    assert stale.status_code == 409
    assert "Kollegans ord" in stale.text
    assert ">\nMina ord</textarea>" in stale.text
    settled = await send_on(anna, stale.text, f"{at}/mapping", {})
    assert "Mina ord" in settled.text
    state = await state_of(work, case)
    assert state.mapping is not None
    assert state.mapping.version == 4


async def test_a_mapping_that_is_begun_is_kept_and_shown_beside_anothers_before_it_is_saved(
    work: Casework, anna: httpx.AsyncClient
) -> None:
    case = await reached(work, "Rut Alm")
    at = f"/cases/{case}/mapping"
    begun = fields_of((await anna.get(at)).text, at) | {"what_matters": "Hon sjöng förr"}
    assert (await anna.post("/drafts", data=begun)).headers["location"] == at
    again = await anna.get(at)
    assert ">\nHon sjöng förr</textarea>" in again.text
    await work.do(RecordMapping, ANNA, referral_id=case, what_matters="Kollegans ord")
    stale = await send_on(anna, (await anna.get(at)).text, at, {})
    assert stale.status_code == 409
    assert "Kollegans ord" in stale.text
    assert ">\nHon sjöng förr</textarea>" in stale.text
    assert "Kartläggningen är sparad." in (await send_on(anna, stale.text, at, {})).text
    state = await state_of(work, case)
    assert state.mapping is not None
    assert state.mapping.version == 2
    assert 'class="notice drafted"' not in (await anna.get(at)).text, "what is sent is no draft any more"


async def test_a_plan_that_is_begun_is_kept_and_shown_beside_anothers_before_it_is_saved(
    work: Casework, anna: httpx.AsyncClient
) -> None:
    case = await reached(work, "Tage Alm")
    at = f"/cases/{case}/plan"
    begun = fields_of((await anna.get(at)).text, at) | {"goal-1": "Sjunga igen", "agreed": "yes"}
    assert (await anna.post("/drafts", data=begun)).headers["location"] == at
    assert ">\nSjunga igen</textarea>" in (await anna.get(at)).text
    await work.do(AgreePlan, ANNA, referral_id=case, goals=(GoalInWords(words="Kollegans mål"),))
    stale = await send_on(anna, (await anna.get(at)).text, at, {})
    assert stale.status_code == 409
    assert "Kollegans mål" in stale.text
    assert ">\nSjunga igen</textarea>" in stale.text
    await send_on(anna, stale.text, at, {})
    state = await state_of(work, case)
    assert state.plan_version == 2
    assert 'class="notice drafted"' not in (await anna.get(at)).text, "what is sent is no draft any more"


async def test_answers_that_are_begun_are_kept_until_they_are_saved(
    work: Casework, anna: httpx.AsyncClient
) -> None:
    case = await reached(work, "Vera Alm")
    at = f"/cases/{case}/instruments/ons4"
    begun = fields_of((await anna.get(at)).text, at) | {"item-satisfied": "7", "at": "follow_up"}
    assert (await anna.post("/drafts", data=begun)).headers["location"] == at
    again = (await anna.get(at)).text
    kept = form_on(again, at)
    assert kept["item-satisfied"] == ["7"]
    assert kept["at"] == ["follow_up"]
    rest = dict.fromkeys(("item-worthwhile", "item-happy", "item-anxious"), "5")
    assert (await send_on(anna, again, at, rest)).status_code == 200
    assert [each.at for each in (await state_of(work, case)).measures.values()] == ["follow_up"]
    assert 'class="notice drafted"' not in (await anna.get(at)).text


async def test_a_form_that_is_sent_twice_is_done_once(work: Casework, anna: httpx.AsyncClient) -> None:
    case = await reached(work, "Nils Kvarn")
    at = f"/cases/{case}"
    mine = (await anna.get(f"{at}/plan")).text
    for _ in range(2):
        await send_on(anna, mine, f"{at}/plan", {"goal__1": "Gå ut", "agreed": "yes"})
    state = await state_of(work, case)
    assert (state.plan_version, len(state.goals)) == (1, 1)


async def test_what_is_recorded_stands_in_the_form_again(anna: httpx.AsyncClient, far: Far) -> None:
    at = f"/cases/{far.case}"
    page = (await anna.get(f"{at}/mapping")).text
    assert f">\n{STORY}</textarea>" in page
    for ticked in ('name="interests" value="coffee" checked', 'value="years" id', '"sister" selected'):
        assert ticked.split(" id")[0] in page, ticked
    shown = (await fill_in(anna, f"{at}/mapping", f"{at}/mapping")).text
    assert "Inget var annorlunda, så inget ändrades." in shown
    page = (await anna.get(f"{at}/instruments")).text
    assert "3 poäng bättre" in page
    assert "<svg" in page
    assert 'role="img"' in page
    page = (await anna.get(f"{at}/matching/{WALK}")).text
    assert "Maja Sol" in page
    assert "011-12 34 56" in page


async def test_an_instrument_without_wording_says_so_and_is_a_paper_form(
    anna: httpx.AsyncClient, far: Far
) -> None:
    at = f"/cases/{far.case}/instruments"
    page = (await anna.get(f"{at}/ucla-3")).text
    assert "licensierad" in page
    assert "<code>lack companionship</code>" in page
    english = (await anna.get(f"{at}/ons4?language=en")).text
    assert "Overall, how satisfied are you with your life nowadays?" in english
    paper = (await anna.get(f"{at}/ons4/paper?language=en")).text
    assert '<article class="paper" lang="en">' in paper
    assert "You need not answer everything." in paper
    assert "Gunborg" not in paper
    assert (await anna.get(f"{at}/no-such-pack")).status_code == 404


async def test_narrowing_down_leaves_nothing_in_the_address(anna: httpx.AsyncClient, far: Far) -> None:
    at = f"/cases/{far.case}/matching"
    page = await fill_in(anna, at, at, needs=["grief"], interests=None, age="71", days=["friday"])
    assert str(page.url).endswith("/matching")
    assert "Inget passar." in page.text or "sorg" in page.text
    assert 'name="age" inputmode="numeric" autocomplete="off" value="71"' in page.text
    wrong = await fill_in(anna, at, at, at_most="gratis")
    assert 'href="#at_most"' in wrong.text


async def test_a_recept_is_printed_and_the_print_stands_in_the_log(
    work: Casework, anna: httpx.AsyncClient, far: Far
) -> None:
    at = f"/cases/{far.case}/recept/{far.recept}"
    page = (await anna.get(at)).text
    for said in (WORDS, "Promenad med fika", "Korpens stuga", "Maja möter dig.", "Anna Lind"):
        assert said in page, said
    code = await anna.get(f"{at}/code.svg")
    assert code.headers["content-type"] == "image/svg+xml"
    work.asked.clear()
    printed = await anna.get(f"{at}/recept.pdf?lang=en")
    assert printed.content.startswith(b"%PDF-")
    assert printed.headers["content-type"] == "application/pdf"
    assert printed.headers["content-disposition"] == 'inline; filename="recept.pdf"'
    assert printed.headers["cache-control"] == "no-store"
    (question,) = [each for each in work.asked if isinstance(each, ReadWords)]
    assert question.action is Look.PRINTED
    log = work.at["referral"].pool
    actions = await log.fetch(
        "select distinct action from access where referral_id = $1 and actor = 'anna-lind'", far.case
    )
    assert "printed" in {row["action"] for row in actions}
    assert (await anna.get(f"/cases/{far.case}/recept/no-such")).status_code == 404


async def test_a_closed_case_is_read_and_evaluated_and_nothing_more(
    work: Casework, anna: httpx.AsyncClient
) -> None:
    there = await on_the_way(work, "Ester Vik")
    await work.do(CloseCase, ANNA, referral_id=there.case, outcome=CaseOutcome.COMPLETED)
    at = f"/cases/{there.case}"
    for page in ("mapping", "instruments", "plan", "matching", "recept", "help", "taking-part", "follow-up"):
        shown = (await anna.get(f"{at}/{page}")).text
        forms = set(re.findall(r'<form[^>]* action="([^"]+)"', shown))
        assert not {each for each in forms if each.startswith(at) and each != f"{at}/matching"}, page


async def test_what_the_pathway_asks_is_asked_and_evaluated_after_closure(
    work: Casework, anna: httpx.AsyncClient
) -> None:
    asks = BUILT_IN.model_copy(
        update={
            "pathway": "med-fragor",
            "measures": (Measurement(at=Timepoint.BASELINE, instruments=("ons-direct",)),),
            "evaluation": Evaluation(after=30, instruments=("ons-direct", "ucla-3")),
        }
    )
    await work.do(PublishPathway, pathway="med-fragor", definition=asks)
    case = await reached(work, "Dag Ull", pathway="med-fragor")
    at = f"/cases/{case}"
    page = (await anna.get(f"{at}/instruments")).text
    asked, _, others = page.partition("Allt man kan mäta med")
    assert f'href="{at}/instruments/ons-direct?at=baseline"' in asked
    assert f'href="{at}/instruments/ucla-3?at=baseline"' in others
    await work.do(AgreePlan, ANNA, referral_id=case, goals=(GoalInWords(words="Ut"),))
    await work.do(CloseCase, ANNA, referral_id=case, outcome=CaseOutcome.COMPLETED)
    await work.wait(timedelta(days=31))
    page = (await anna.get(f"{at}/follow-up")).text
    (form,) = set(re.findall(rf'href="({at}/evaluation/[^"]+)"', page))
    half = await fill_in(anna, form, form, way="phone", **{"item__ons-direct__lonely": "2"})
    assert half.status_code == 422
    assert 'href="#item-ucla-3-isolated"' in half.text
    answers = {f"item__ucla-3__{item}": "1" for item in ("lack_companionship", "left_out", "isolated")}
    saved = await send_on(anna, half.text, form, answers)
    assert "Utvärderingen är sparad." in saved.text
    assert "Besvarad" in saved.text
    assert (await anna.get(f"{at}/evaluation/no-such")).status_code == 404


async def test_a_colleague_looks_and_is_offered_nothing(work: Casework, far: Far) -> None:
    at = f"/cases/{far.case}"
    async with work.browser_of(HASSAN) as hassan:
        for page in ("mapping", "instruments", "plan", "recept", "help", "taking-part", "follow-up"):
            shown = await hassan.get(f"{at}/{page}")
            assert shown.status_code == 200
            assert not re.findall(rf'action="{at}/[^"]+"', shown.text), page
