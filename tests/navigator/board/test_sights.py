"""Who sees which referrals. What is not yours looks exactly like what is not there."""

from __future__ import annotations

import itertools
import re

import httpx
import pytest

from services.navigator.demo_people import OFFERED, people_of_the_demo
from services.navigator.sights import Sight, look, sight_of
from services.navigator.steps import Lane, Mark
from services.runtime.web import Identity
from services.runtime.web.people import short_id
from sluss_contracts.command import Actor
from sluss_contracts.vocabulary import Role
from tests.navigator.board.conftest import OWN
from tests.support.pages import Database, Teller, Way, pages_over, register_everybody


def _is(role: Role, id: str, *, organisation: str | None = None, team: str | None = None) -> Identity:
    return Identity(Actor(id=id, role=role, organisation=organisation), id, team=team)


ANNA = _is(Role.LINK_WORKER, "anna-lind", team="team-skarptorp")
BERIT = _is(Role.LINK_WORKER, "berit-nord", team="team-city")
OLLE = _is(Role.VOLUNTEER, "olle-ek", team="team-city")
CLINIC = _is(Role.REFERRER, "vc-skarptorp", organisation="vc-skarptorp")
SCHOOL = _is(Role.REFERRER, "ebersteinska", organisation="ebersteinska")
KORPEN = _is(Role.PROVIDER, "korpen", organisation="korpen")
SIV = _is(Role.COORDINATOR, "demo-coordinator")
JO = _is(Role.OPERATOR, "demo-operator")
KIM = _is(Role.PERSON, "demo-person")
EVERYBODY = [ANNA, BERIT, OLLE, CLINIC, SCHOOL, KORPEN, SIV, JO, KIM]

SKARPTORPS = Way("10000000-0000-4000-8000-000000000001", "vc-skarptorp", "team-skarptorp", "anna-lind")
CITYS = Way("20000000-0000-4000-8000-000000000002", "ebersteinska", "team-city", "berit-nord")
OLLES = Way("30000000-0000-4000-8000-000000000003", "psyk-city", "team-city", "olle-ek")


def test_a_stranger_sees_everything_in_a_demonstration_and_nothing_outside() -> None:
    assert sight_of(None, demo=True) == Sight("network", "")
    assert sight_of(None, demo=False) is None


@pytest.mark.parametrize("demo", [True, False])
@pytest.mark.parametrize(
    ("who", "sight"),
    [
        (ANNA, Sight("team", "team-skarptorp")),
        (OLLE, Sight("worker", "olle-ek")),
        (CLINIC, Sight("organisation", "vc-skarptorp")),
        (KORPEN, None),
        (KIM, None),
        (SIV, Sight("network", "")),
        (JO, Sight("network", "")),
        (_is(Role.LINK_WORKER, "teamless"), None),
        (_is(Role.REFERRER, "nowhere"), None),
        (_is(Role.SERVICE, "robot"), None),
    ],
    ids=lambda value: value.actor.id if isinstance(value, Identity) else "",
)
def test_each_role_has_its_sight(who: Identity, sight: Sight | None, demo: bool) -> None:
    assert sight_of(who, demo=demo) == sight


def test_a_short_id_is_short_and_steady() -> None:
    assert short_id("01930000-1111-7abc-8def-0123456789ab") == "2P-F2DB"
    assert short_id("not-a-uuid!") == short_id("not-a-uuid!")
    assert short_id("") == "00-0000"


async def _tell(teller: Teller) -> None:
    await register_everybody(teller)
    for way in (SKARPTORPS, CITYS, OLLES):
        await teller.tell(*(fact for facts in way.steps(teller.now)[:5] for fact in facts))


_SEEN_BY = {
    SKARPTORPS.referral: {ANNA, CLINIC, SIV, JO},
    CITYS.referral: {BERIT, SCHOOL, SIV, JO},
    OLLES.referral: {BERIT, OLLE, SIV, JO},
    "40000000-0000-4000-8000-000000000004": set(),
    "..%2flogin": set(),
    "a%00b": set(),
}


async def test_everybody_sees_their_own_referrals_and_a_404_for_all_others(
    database: Database, teller: Teller
) -> None:
    await _tell(teller)

    async def everybody() -> list[Identity]:
        return EVERYBODY

    app = pages_over(database, teller)
    app.state.site.demo_people = everybody
    not_there = set()
    for who in EVERYBODY:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=OWN) as client:
            await _sign_in(client, who)
            first = (await client.get("/")).text
            for referral, seen_by in _SEEN_BY.items():
                page = await client.get(f"/referrals/{referral}")
                assert page.status_code == (200 if who in seen_by else 404), (who.name, referral)
                assert (f"/referrals/{referral}" in first) == (who in seen_by), (who.name, referral)
                if page.status_code == 404:
                    not_there.add(_without_tokens(page.text))
    assert len(not_there) == len(EVERYBODY), "one and the same page for each, whatever was asked for"


def _without_tokens(page: str) -> str:
    return re.sub(r'name="(form_token|back)" value="[^"]*"', "", page)


async def _sign_in(client: httpx.AsyncClient, who: Identity) -> None:
    page = (await client.get("/login")).text
    token = re.search(r'name="form_token" value="(\w+)"', page)
    assert token
    person = f"{who.role.value}/{who.actor.id}"
    answer = await client.post("/login/demo", data={"person": person, "form_token": token[1]})
    assert answer.status_code == 303


async def test_the_demonstration_offers_somebody_of_every_role(database: Database, teller: Teller) -> None:
    await register_everybody(teller)
    offered = await people_of_the_demo(database.engine)
    assert {one.role for one in offered} == set(Role) - {Role.SERVICE}
    olle = next(one for one in offered if one.actor.id == "olle-ek")
    assert (olle.role, olle.team) == (Role.VOLUNTEER, "team-city")


async def test_whoever_has_most_to_do_is_offered_first(database: Database, teller: Teller) -> None:
    await register_everybody(teller)

    async def first() -> str:
        offered = await people_of_the_demo(database.engine)
        return next(one.actor.id for one in offered if one.role is Role.LINK_WORKER)

    assert await first() == "anna-lind"
    await database.pool.execute(
        "insert into task (task_id, referral_id, kind, why, team, worker, due, opened) "
        "select i::text, 'r1', 'hold_meeting', 'assigned', 'team-city', 'hassan-amiri', now(), now() "
        "from generate_series(1, 3) i"
    )
    assert await first() == "hassan-amiri"
    await database.pool.execute("delete from task")


async def test_a_large_registry_does_not_flood_the_sign_in(database: Database, teller: Teller) -> None:
    await register_everybody(teller)
    await database.pool.execute(
        "insert into board_party (kind, id, name) "
        "select 'worker', 'w' || i, 'W' || i from generate_series(1, 500) i"
    )
    offered = await people_of_the_demo(database.engine)
    assert len([one for one in offered if one.role is Role.LINK_WORKER]) == OFFERED
    assert {one.role for one in offered} == set(Role) - {Role.SERVICE}


async def test_outside_a_demonstration_a_stranger_finds_no_referral(
    database: Database, teller: Teller
) -> None:
    await _tell(teller)
    app = pages_over(database, teller, demo=False)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=OWN) as client:
        page = await client.get("/")
        assert page.status_code == 200
        assert "/referrals/" not in page.text
        assert "Skarptorp" not in page.text
        assert (await client.get(f"/referrals/{SKARPTORPS.referral}")).status_code == 404
        assert (await client.get("/board/stream")).status_code == 404


async def test_a_referrer_is_not_shown_what_it_is_not_told(database: Database, teller: Teller) -> None:
    await _tell(teller)
    await teller.tell(SKARPTORPS.declined())
    sight = Sight("organisation", "vc-skarptorp")
    lanes = await look(database.engine, [sight, Sight("team", "team-skarptorp")])
    assert lanes[Sight("team", "team-skarptorp")][Lane.ACTIVITY].cards[0].mark is Mark.DECLINED
    assert lanes[sight][Lane.ACTIVITY].cards[0].mark is None


async def test_several_sights_are_read_at_once_and_kept_apart(database: Database, teller: Teller) -> None:
    await _tell(teller)
    sights = [
        Sight("network", ""),
        Sight("organisation", "vc-skarptorp"),
        Sight("organisation", "ebersteinska"),
        Sight("team", "team-city"),
        Sight("worker", "olle-ek"),
        Sight("worker", "nobody"),
    ]
    views = await look(database.engine, sights)
    counts = [sum(lane.count for lane in views[sight].values()) for sight in sights]
    assert counts == [3, 1, 1, 2, 1, 0]
    for one, other in itertools.combinations(views.values(), 2):
        assert one is not other
