"""An offer is answered by a link: welcome, another time, or no; once, and through the same commands."""

from __future__ import annotations

from datetime import timedelta

import httpx

from services.provider.domain.alias import alias_of
from sluss_contracts.command import Actor
from sluss_contracts.commands.provider import AcceptEnrolment, AgreeToTime, WithdrawActivity
from sluss_contracts.enrolment import (
    AnotherTimeSuggested,
    EnrolmentAccepted,
    EnrolmentDeclined,
    EnrolmentExpired,
)
from sluss_contracts.offering import Venue
from sluss_contracts.plan import SupportAgreed
from sluss_contracts.vocabulary import Barrier, Role, SupportKind, Whose
from tests.support.answering import A_DAY, CAFE, HEMGARDEN, KORPEN, NOON, WALK, House, send


async def test_the_page_shows_alias_and_logistics_and_never_why(
    house: House, maud: httpx.AsyncClient
) -> None:
    await house.publish(venue=Venue(name="Hageby centrum", town="Norrköping"))
    await house.session(NOON + 3 * A_DAY)
    await house.wish("alva")
    page = (await maud.get(await house.offer_link("alva"))).text
    for shown in (alias_of("p-alva", KORPEN), "Promenad med fika", "Hageby centrum", "5 mars 2026 13:00"):
        assert shown in page
    for hidden in ("alva-promenad", "p-alva", "company", "hageby<", "sällskap"):
        assert hidden not in page


async def test_a_session_that_is_elsewhere_says_where_among_those_to_choose_from(
    house: House, maud: httpx.AsyncClient
) -> None:
    await house.publish(venue=Venue(name="Hageby centrum", town="Norrköping"))
    await house.session(NOON + 3 * A_DAY, venue=Venue(name="Himmelstalundsparken", street="Badgatan 2"))
    await house.session(NOON + 10 * A_DAY)
    await house.wish("alva")
    page = (await maud.get(await house.offer_link("alva"))).text
    assert page.count("på annan plats: Himmelstalundsparken, Badgatan 2") == 2, "the next one, and to choose"


async def test_welcome_names_host_and_session(house: House, maud: httpx.AsyncClient) -> None:
    await house.publish()
    await house.session(NOON + 3 * A_DAY)
    later = await house.session(NOON + 10 * A_DAY)
    await house.wish("alva")
    chosen = (NOON + 10 * A_DAY).isoformat()
    answer = await send(maud, await house.offer_link("alva"), "welcome", host=" Maud ", starts=chosen)
    assert (answer.status_code, answer.headers["location"]) == (303, "/answer/thanks/welcome")
    (said,) = await house.desk.said(EnrolmentAccepted)
    assert (said.host, said.first_session, said.starts) == ("Maud", later, NOON + 10 * A_DAY)
    assert "Tack, personen är välkommen" in (await maud.get("/answer/thanks/welcome")).text


async def test_what_has_no_sessions_may_begin_when_the_provider_says(
    house: House, maud: httpx.AsyncClient
) -> None:
    await house.publish()
    await house.wish("alva")
    await send(maud, await house.offer_link("alva"), "welcome", day="2026-03-09", hour="14:00")
    (said,) = await house.desk.said(EnrolmentAccepted)
    assert (said.first_session, said.starts) == (None, NOON + 7 * A_DAY + timedelta(hours=1))


async def test_no_is_for_a_reason_of_the_providers_own(house: House, maud: httpx.AsyncClient) -> None:
    await house.publish()
    await house.wish("alva")
    link = await house.offer_link("alva")
    for made_up in (None, "person_is_difficult"):
        unclear = await send(maud, link, "no", reason=made_up)
        assert unclear.status_code == 422
        assert 'href="#reason"' in unclear.text
    assert (await send(maud, link, "no", reason="no_host")).status_code == 303
    (said,) = await house.desk.said(EnrolmentDeclined)
    assert (said.whose, said.reason) == (Whose.PROVIDER, "no_host")


async def test_another_time_is_suggested_and_may_be_changed_until_it_is_agreed(
    house: House, maud: httpx.AsyncClient
) -> None:
    await house.publish()
    await house.wish("alva")
    link = await house.offer_link("alva")
    when = {"other_day": "2026-03-10", "other_hour": "18:30", "other_host": "Kjell"}
    assert (await send(maud, link, "another_time", **when)).status_code == 303
    (said,) = await house.desk.said(AnotherTimeSuggested)
    assert (said.starts, said.host) == (NOON + 8 * A_DAY + timedelta(hours=5, minutes=30), "Kjell")
    assert "Ni har föreslagit 10 mars 2026 18:30" in (await maud.get(link)).text
    by = Actor(id="anna", role=Role.LINK_WORKER)
    await house.do(AgreeToTime, by, referral_id="alva", enrolment_id=f"alva-{WALK}")
    assert (await maud.get(link)).status_code == 404


async def test_a_time_that_has_been_is_asked_for_again_with_everything_as_it_was_written(
    house: House, maud: httpx.AsyncClient
) -> None:
    await house.publish()
    await house.wish("alva")
    written = {"other_day": "2026-02-10", "other_hour": "18:30", "other_host": "Kjell"}
    unclear = await send(maud, await house.offer_link("alva"), "another_time", **written)
    assert unclear.status_code == 422
    assert "Välj en tid som inte har varit." in unclear.text
    for value in written.values():
        assert f'value="{value}"' in unclear.text
    assert not await house.desk.said(AnotherTimeSuggested)


async def test_a_host_that_is_wished_for_is_asked_for_and_other_help_is_not_told(
    house: House, maud: httpx.AsyncClient
) -> None:
    await house.publish()
    asked = "vill gärna bli mött"
    for who in ("alva", "bo"):
        await house.wish(who)
        support = {"referral_id": who, "support_id": f"s-{who}", "enrolment_id": f"{who}-{WALK}"}
        if who == "alva":
            await house.desk.hear(SupportAgreed(**support, kind=SupportKind.HOST))
        else:
            helps = {"kind": SupportKind.BARRIER_HELP, "barrier": Barrier.ANXIETY}
            await house.desk.hear(SupportAgreed(**support, **helps))
    assert asked in (await maud.get(await house.offer_link("alva"))).text
    page = (await maud.get(await house.offer_link("bo"))).text
    assert asked not in page
    assert "anxiety" not in page


async def test_an_answer_given_otherwise_uses_the_link_up(house: House, maud: httpx.AsyncClient) -> None:
    await house.publish()
    await house.publish(CAFE, HEMGARDEN)
    await house.wish("alva")
    link = await house.offer_link("alva")
    by = Actor(id=KORPEN, role=Role.PROVIDER)
    place = {"referral_id": "alva", "enrolment_id": f"alva-{WALK}", "provider": KORPEN}
    await house.do(AcceptEnrolment, by, **place, host="Siv")
    over = await maud.get(link)
    assert over.status_code == 404
    assert "Länken gäller inte längre" in over.text


async def test_an_offer_that_expired_or_went_with_its_activity_shows_nothing(
    house: House, maud: httpx.AsyncClient
) -> None:
    await house.publish()
    await house.publish(CAFE)
    for activity in (WALK, CAFE):
        await house.wish("alva", activity)
    walk, cafe = await house.offer_link("alva", WALK), await house.offer_link("alva", CAFE)
    await house.do(WithdrawActivity, activity=CAFE, why="no_leader")
    await house.desk.settle()
    gone = await maud.get(cafe)
    await house.desk.wait(20 * A_DAY)
    assert await house.desk.said(EnrolmentExpired)
    assert gone.text == (await maud.get(walk)).text.replace(walk, cafe)


async def test_the_command_says_that_it_came_by_a_link_and_for_whom(
    house: House, maud: httpx.AsyncClient
) -> None:
    await house.publish()
    await house.wish("alva")
    link = await house.offer_link("alva")
    await send(maud, link, "welcome", host="Maud")
    (command,) = house.doors.asked
    assert (command.actor.role, command.actor.organisation) == (Role.PROVIDER, KORPEN)
    assert command.actor.id.startswith("link-")
    assert command.actor.id.removeprefix("link-") not in link
