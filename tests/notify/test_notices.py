"""Providers are written to once for each cause, with a link that is in the message alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.notify.channels import ChannelRefuses, Channels, Folder
from services.notify.notice_courier import NoticeCourier
from services.runtime.decision import Transient
from sluss_contracts.activity import SessionReportDue, VerificationDue
from sluss_contracts.command import Answer, Command, Refused
from sluss_contracts.commands.provider import ReadActivityLink, ReadEnrolmentLink
from sluss_contracts.contact import ProviderContactGiven
from sluss_contracts.enrolment import EnrolmentOffered
from sluss_contracts.event import Fact
from sluss_contracts.notice import NoticeFailed, NoticeQueued, NoticeSent, NoticeSuppressed
from sluss_contracts.vocabulary import NoticeTemplate, Protection, Role
from tests.notify import story
from tests.notify.story import NOON
from tests.notify.test_message_courier import SHORT, Fatal, Killed, Troubled
from tests.support.desk import Desk

A_DAY = timedelta(days=1)
TOKEN = "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdEfGhIjKlMn"
ADDRESS = f"https://sluss.test/answer/{TOKEN}"


def contact(**other: Any) -> Fact:
    said = {"phone": "+46701740688", "email": "maud@korpen.example", **other}
    return ProviderContactGiven(provider="korpen", at=NOON, **said)


def offered(who: str = "alva") -> Fact:
    return EnrolmentOffered(
        enrolment_id=f"{who}-1",
        referral_id=who,
        activity="promenad",
        provider="korpen",
        person=f"p-{who}",
        alias="Ask Ejder",
        answer_by=NOON + 7 * A_DAY,
    )


def over(session_id: str = "s1") -> Fact:
    return SessionReportDue(session_id=session_id, activity="promenad", provider="korpen")


def due() -> Fact:
    return VerificationDue(activity="promenad", provider="korpen", hidden_at=NOON + 90 * A_DAY)


@dataclass
class Provider:
    """Answers as the provider service does."""

    waits: int = 1
    refuses: str | None = None
    away: bool = False
    asked: list[Command] = field(default_factory=list)

    async def ask(self, command: Command, *, timeout: float = 5.0) -> Answer:
        self.asked.append(command)
        if self.away:
            raise Transient("the provider service is away")
        if self.refuses:
            return Answer(refused=Refused(code=self.refuses, message=""))
        expires = (NOON + 30 * A_DAY).isoformat()
        return Answer(
            result={"address": ADDRESS, "provider": "korpen", "expires": expires, "waits": self.waits}
        )


def courier(here: Desk, provider: Provider, *channels: Any) -> NoticeCourier:
    return NoticeCourier(here.pool, provider, here.clock, Channels(channels), lease=SHORT)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "post"


def letters(folder: Path) -> list[str]:
    return [path.read_text() for path in sorted(folder.glob("*.txt"))]


async def test_each_cause_is_written_about_with_a_link(notify: Desk, folder: Path) -> None:
    provider = Provider()
    await notify.hear(contact())
    await notify.hear(offered(), over(), due())
    await courier(notify, provider, Folder(folder)).round()
    sent = await notify.said(NoticeSent)
    assert {each.template for each in sent} == set(NoticeTemplate)
    assert all(ADDRESS in each for each in letters(folder))
    assert {each.VERB for each in provider.asked} == {ReadEnrolmentLink.VERB, ReadActivityLink.VERB}
    assert {(each.actor.id, each.actor.role) for each in provider.asked} == {("notify", Role.SERVICE)}
    text = "\n".join(letters(folder))
    assert "Någon vill gärna komma till er" in text
    assert "Du kan rätta till och med 1 april" in text
    assert "Ett tryck räcker" in text


async def test_nothing_reveals_who_what_or_why(notify: Desk, folder: Path) -> None:
    await notify.hear(contact(language="en"))
    await notify.hear(offered(), over(), due())
    await courier(notify, Provider(), Folder(folder)).round()
    for letter in letters(folder):
        said = letter.partition("\n\n")[2]
        for hidden in ("alva", "Ask Ejder", "promenad", "korpen", "referral", "clinic"):
            assert hidden not in said
        assert len(said) <= 160 + len(ADDRESS)


async def test_the_link_is_in_the_message_alone(
    notify: Desk, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    await notify.hear(contact(), offered())
    await courier(notify, Provider(), Folder(folder)).round()
    kept = str([dict(row) for row in await notify.pool.fetch("select * from notice")])
    said = b"".join(row["body"] for row in await notify.pool.fetch("select body from event")).decode()
    printed = "".join(capfd.readouterr())
    assert TOKEN not in kept + said + printed
    assert "korpen.example" not in kept + said + printed


async def test_the_same_cause_is_written_about_once(notify: Desk, folder: Path) -> None:
    await notify.hear(contact())
    event = notify.event(offered())
    await notify.hear_events(event)
    await notify.hear_events(event)
    await notify.hear(over("s1"), over("s2"))
    carrier = courier(notify, Provider(), Folder(folder))
    for _ in range(3):
        await carrier.round()
    assert len(letters(folder)) == 3
    assert len(await notify.said(NoticeQueued)) == 3
    await notify.hear(over("s1"))
    assert len(await notify.said(NoticeQueued)) == 3


async def test_by_e_mail_where_there_is_an_address_else_to_the_phone(notify: Desk, folder: Path) -> None:
    await notify.hear(contact(), offered("alva"))
    await courier(notify, Provider(), Folder(folder)).round()
    await notify.hear(contact(email=None))
    await notify.hear(offered("bo"))
    await courier(notify, Provider(), Folder(folder)).round()
    assert sorted(each.splitlines()[0] for each in letters(folder)) == [
        "To: +46701740688",
        "To: maud@korpen.example",
    ]


@pytest.mark.parametrize("taken_back", [False, True])
async def test_without_a_way_to_reach_them_somebody_is_told(
    notify: Desk, folder: Path, taken_back: bool
) -> None:
    if taken_back:
        await notify.hear(contact(), contact(phone=None, email=None))
    provider = Provider()
    await notify.hear(offered())
    await courier(notify, provider, Folder(folder)).round()
    (failed,) = await notify.said(NoticeFailed)
    assert (failed.why, failed.about.enrolment_id) == ("no_way_to_reach", "alva-1")
    assert not provider.asked
    assert not letters(folder)


@pytest.mark.parametrize("provider", [Provider(waits=0), Provider(refuses="not_offered")])
async def test_what_is_answered_meanwhile_is_not_asked(
    notify: Desk, folder: Path, provider: Provider
) -> None:
    await notify.hear(contact(), offered())
    await courier(notify, provider, Folder(folder)).round()
    (suppressed,) = await notify.said(NoticeSuppressed)
    assert suppressed.why == "no_longer_true"
    assert not letters(folder)


async def test_of_a_protected_person_nothing_goes_to_a_provider_by_itself(notify: Desk, folder: Path) -> None:
    provider = Provider()
    await notify.hear(contact())
    await notify.hear(story.accepted().model_copy(update={"protection": Protection.CONFIDENTIAL}))
    await notify.hear(offered())
    await courier(notify, provider, Folder(folder)).round()
    (suppressed,) = await notify.said(NoticeSuppressed)
    assert suppressed.why == "protected"
    assert not provider.asked
    assert not letters(folder)


async def test_a_provider_service_that_is_away_is_asked_again(notify: Desk, folder: Path) -> None:
    provider = Provider(away=True)
    await notify.hear(contact(), offered())
    carrier = courier(notify, provider, Folder(folder))
    await carrier.round()
    assert not letters(folder)
    provider.away = False
    await notify.pool.execute("update notice set not_before = null")
    await carrier.round()
    assert len(letters(folder)) == 1


async def test_nobody_is_written_to_at_night(notify: Desk, folder: Path) -> None:
    await notify.hear(contact(), offered())
    notify.clock.move(timedelta(hours=12))
    await courier(notify, Provider(), Folder(folder)).round()
    assert not letters(folder)


@pytest.mark.parametrize("after", [False, True])
async def test_whatever_dies_it_goes_at_most_once(notify: Desk, folder: Path, after: bool) -> None:
    await notify.hear(contact(), offered())
    with pytest.raises(Killed):
        await courier(notify, Provider(), Fatal(Folder(folder), after=after)).round()
    gone = len(letters(folder))
    assert gone == int(after)
    await notify.pool.execute("update notice set held_until = clock_timestamp() - interval '1 s'")
    await courier(notify, Provider(), Folder(folder)).round()
    (failed,) = await notify.said(NoticeFailed)
    assert failed.why == "outcome_unknown"
    assert len(letters(folder)) == gone


async def test_what_a_channel_refuses_is_told(notify: Desk) -> None:
    await notify.hear(contact(), offered())
    await courier(notify, Provider(), Troubled(ChannelRefuses("no"))).round()
    (failed,) = await notify.said(NoticeFailed)
    assert failed.why == "channel_refused"
