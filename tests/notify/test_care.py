"""How people are written to: at hours and by ways that are safe for them, or not at all, and why not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.notify.channels import Channels, Folder
from services.notify.message_courier import MessageCourier
from sluss_contracts.message import MessageQueued, MessageSent, MessageSuppressed
from sluss_contracts.pathway import Preparation
from sluss_contracts.vocabulary import Attendance, MessageTemplate, Protection
from tests.notify import story
from tests.notify.conftest import Post, Vault
from tests.notify.story import DAY, NOON, on
from tests.support.desk import Desk

EVERY_WAY = {
    "phone": "070-174 06 00",
    "email": "alva@example.org",
    "postal_address": "Storgatan 1\n602 00 Norrköping",
}
HOUR = timedelta(hours=1)


async def carry(here: Desk, vault: Vault, post: Post) -> list[str]:
    """Send what may go, and how each went: the second line of a letter."""
    courier = MessageCourier(here.pool, vault, here.clock, Channels([Folder(post.folder)]))
    await courier.round()
    return [letter.splitlines()[1].removeprefix("By: ") for letter in post.letters]


async def held_back(here: Desk) -> dict[MessageTemplate, str]:
    return {fact.template: fact.why for fact in await here.said(MessageSuppressed)}


async def written(here: Desk) -> list[MessageTemplate]:
    return [fact.template for fact in await here.said(MessageQueued)]


async def test_nobody_is_written_to_at_night(notify: Desk, vault: Vault, post: Post) -> None:
    notify.clock.move(9 * HOUR)  # 22:00 where people live
    await notify.hear(story.assigned())
    assert await carry(notify, vault, post) == []
    assert vault.asked == [], "and nobody asks the vault for nothing"
    notify.clock.move(10 * HOUR)
    assert await carry(notify, vault, post) == ["sms"]


async def test_a_persons_own_hours_only_delay(notify: Desk, vault: Vault, post: Post) -> None:
    vault.care = {"safe_contact": {"not_before": "17:00:00"}}
    await notify.hear(story.assigned())
    assert await carry(notify, vault, post) == []
    assert await carry(notify, vault, post) == []
    assert len(vault.asked) == 1, "it waits for the hour"
    notify.clock.move(4 * HOUR)
    assert await carry(notify, vault, post) == ["sms"]
    assert await notify.said(MessageSuppressed) == []


@pytest.mark.parametrize(
    ("never", "way"),
    [
        ([], "sms"),
        (["sms"], "email"),
        (["phone"], "email"),
        (["sms", "email"], "letter"),
        (["letter"], "sms"),
        (["phone", "email", "letter"], None),
        (["inbox"], "sms"),
    ],
)
async def test_no_way_that_is_not_safe_is_used(
    notify: Desk, vault: Vault, post: Post, never: list[str], way: str | None
) -> None:
    vault.contact, vault.care = EVERY_WAY, {"safe_contact": {"never": never}}
    await notify.hear(story.assigned())
    assert await carry(notify, vault, post) == ([way] if way else [])
    expected = {} if way else {MessageTemplate.INVITATION: "no_way_to_reach"}
    assert await held_back(notify) == expected


@pytest.mark.parametrize(
    ("prefers", "never", "way"),
    [
        ([], [], "inbox"),
        (["email"], [], "email"),
        (["letter", "sms"], [], "letter"),
        (["email", "sms"], ["email"], "sms"),
        (["email"], ["email", "inbox"], "sms"),
        (["sms"], ["phone", "inbox"], "email"),
    ],
)
async def test_what_the_person_prefers_comes_first_and_another_safe_way_after_it(
    notify: Desk, vault: Vault, post: Post, prefers: list[str], never: list[str], way: str
) -> None:
    vault.contact = EVERY_WAY | {"inbox": "inbox-17"}
    vault.care = {"prefers": prefers, "safe_contact": {"never": never}}
    await notify.hear(story.assigned())
    assert await carry(notify, vault, post) == [way]


async def test_what_a_person_prefers_and_has_not_is_no_reason_for_silence(
    notify: Desk, vault: Vault, post: Post
) -> None:
    vault.care = {"prefers": ["inbox", "letter"]}
    await notify.hear(story.assigned())
    assert await carry(notify, vault, post) == ["sms"]


async def test_a_preference_does_not_undo_protection(notify: Desk, vault: Vault, post: Post) -> None:
    vault.contact = EVERY_WAY
    vault.care = {"prefers": ["sms"], "protection": Protection.CONFIDENTIAL.value}
    accepted = story.accepted().model_copy(update={"protection": Protection.CONFIDENTIAL})
    await notify.hear(accepted, story.assigned())
    assert await carry(notify, vault, post) == ["letter"]


async def test_a_message_to_an_inbox_is_a_readable_file_like_any(
    notify: Desk, vault: Vault, post: Post
) -> None:
    vault.contact = {"inbox": "inbox-17"}
    await notify.hear(story.assigned())
    assert await carry(notify, vault, post) == ["inbox"]
    assert post.letters[0].startswith("To: inbox-17\nBy: inbox\n")


# Minors


GUARDIAN = {"phone": "070-174 06 50", "postal_address": "Lillgatan 2\n602 00 Norrköping"}


async def test_where_a_guardian_consents_they_are_written_to_in_the_minors_place(
    notify: Desk, vault: Vault, post: Post
) -> None:
    vault.contact = EVERY_WAY
    vault.care = {"guardian_rule": "consents", "guardian": GUARDIAN, "prefers": ["email"]}
    await notify.hear(story.assigned())
    assert await carry(notify, vault, post) == ["sms"]
    (letter,) = post.letters
    assert letter.startswith("To: 070-174 06 50\n")
    assert "Hej!\n\nDu får det här i stället för Alva.\n\nJag hör av mig" in letter


async def test_a_letter_to_a_guardian_says_on_its_envelope_whose_guardian(
    notify: Desk, vault: Vault, post: Post
) -> None:
    care = {"guardian_rule": "consents", "guardian": GUARDIAN, "safe_contact": {"never": ["phone"]}}
    vault.contact, vault.care = EVERY_WAY, care
    await notify.hear(story.assigned())
    assert await carry(notify, vault, post) == ["letter"]
    assert post.letters[0].startswith("To: Målsman för Alva Ek, Lillgatan 2, 602 00 Norrköping\n")


@pytest.mark.parametrize("rule", ["informed", "withheld", "not_a_minor"])
async def test_by_any_other_rule_the_minor_is_written_to(
    notify: Desk, vault: Vault, post: Post, rule: str
) -> None:
    """Where a guardian is to be told, a human tells them; where they are left out, nothing goes to them."""
    vault.contact = EVERY_WAY
    vault.care = {"guardian_rule": rule, "guardian": GUARDIAN}
    await notify.hear(story.assigned())
    assert await carry(notify, vault, post) == ["sms"]
    assert post.letters[0].startswith("To: 070-174 06 00\n")
    assert "Hej Alva!" in post.letters[0]


async def test_a_guardian_nobody_can_reach_is_no_reason_to_write_past_them(
    notify: Desk, vault: Vault, post: Post
) -> None:
    vault.contact, vault.care = EVERY_WAY, {"guardian_rule": "consents"}
    await notify.hear(story.assigned())
    assert await carry(notify, vault, post) == []
    assert await held_back(notify) == {MessageTemplate.INVITATION: "guardian_out_of_reach"}


# The pathway's own wishes


async def test_whoever_wants_it_otherwise_gets_no_letter_for_the_pathways_sake(
    notify: Desk, vault: Vault, post: Post
) -> None:
    vault.contact, vault.care = EVERY_WAY, {"prefers": ["sms"]}
    prepared = story.changed(preparation=Preparation(letter=True))
    await notify.hear(story.published(prepared), on(story.accepted()), on(story.assigned()))
    assert await carry(notify, vault, post) == ["sms"]


async def test_an_invitation_goes_by_post_where_the_pathway_prepares_one(
    notify: Desk, vault: Vault, post: Post
) -> None:
    vault.contact = EVERY_WAY
    prepared = story.changed(preparation=Preparation(letter=True))
    await notify.hear(story.published(prepared), on(story.accepted()), on(story.assigned()))
    await notify.hear(story.booked())
    assert sorted(await carry(notify, vault, post)) == ["letter", "sms"]
    (letter,) = (text for text in post.letters if "By: letter" in text)
    assert "Jag hör av mig" in letter


async def test_whoever_has_no_address_is_invited_in_another_way(
    notify: Desk, vault: Vault, post: Post
) -> None:
    prepared = story.changed(preparation=Preparation(letter=True))
    await notify.hear(story.published(prepared), on(story.accepted()), on(story.assigned()))
    assert await carry(notify, vault, post) == ["sms"]


async def test_a_protected_person_gets_one_neutral_letter_and_the_rest_by_hand(
    notify: Desk, vault: Vault, post: Post
) -> None:
    vault.contact, vault.care = EVERY_WAY, {"protection": Protection.CONFIDENTIAL.value}
    accepted = story.accepted().model_copy(update={"protection": Protection.CONFIDENTIAL})
    await notify.hear(accepted, story.assigned(), story.booked(), story.welcomed())
    assert await carry(notify, vault, post) == ["letter"]
    (letter,) = post.letters
    for told in ("Karin", "5 mars", "Maud"):
        assert told not in letter
    assert await held_back(notify) == {
        MessageTemplate.MEETING_BOOKED: "protected",
        MessageTemplate.ACTIVITY_CONFIRMED: "protected",
    }


async def test_the_vaults_word_on_protection_is_the_last(notify: Desk, vault: Vault, post: Post) -> None:
    """The decision came after the referral was accepted: only the vault knows."""
    vault.contact, vault.care = EVERY_WAY, {"protection": Protection.ASSUMED_IDENTITY.value}
    await notify.hear(story.assigned())
    assert await carry(notify, vault, post) == []
    assert await held_back(notify) == {MessageTemplate.INVITATION: "protected"}


async def test_what_the_pathway_does_not_send_is_not_sent(notify: Desk, vault: Vault, post: Post) -> None:
    quiet = story.changed(messages=(MessageTemplate.MEETING_BOOKED,))
    await notify.hear(story.published(quiet), on(story.accepted()), on(story.assigned()), story.booked())
    assert len(await carry(notify, vault, post)) == 1
    assert await held_back(notify) == {MessageTemplate.INVITATION: "not_in_pathway"}


async def test_during_a_pause_nothing_is_asked_and_what_matters_is_told(
    notify: Desk, vault: Vault, post: Post
) -> None:
    await notify.hear(story.accepted(), story.assigned(), story.booked())
    await notify.hear(story.paused(30))
    await notify.wait(2 * DAY)
    await carry(notify, vault, post)
    assert await held_back(notify) == {
        MessageTemplate.INVITATION: "paused",
        MessageTemplate.MEETING_REMINDER: "paused",
    }
    assert [fact.template for fact in await notify.said(MessageSent)] == [MessageTemplate.MEETING_BOOKED]


async def test_after_a_pause_it_goes_on(notify: Desk) -> None:
    await notify.hear(story.accepted(), story.assigned(), story.booked(), story.paused(30))
    await notify.hear(story.resumed())
    await notify.wait(2 * DAY)
    assert MessageTemplate.MEETING_REMINDER not in await held_back(notify)


async def test_a_meeting_that_has_been_is_not_announced(notify: Desk, vault: Vault, post: Post) -> None:
    await notify.hear(story.accepted(), story.booked())
    notify.clock.move(4 * DAY)
    assert await carry(notify, vault, post) == []
    assert await held_back(notify) == {MessageTemplate.MEETING_BOOKED: "too_late"}


# Reminders


async def test_a_meeting_is_reminded_of_the_day_before(notify: Desk) -> None:
    await notify.hear(story.accepted(), story.assigned(), story.booked())
    await notify.wait(2 * DAY - HOUR)
    assert MessageTemplate.MEETING_REMINDER not in await written(notify)
    await notify.wait(HOUR)
    await notify.wait(DAY)
    assert (await written(notify)).count(MessageTemplate.MEETING_REMINDER) == 1


async def test_whoever_has_just_heard_of_a_meeting_is_not_reminded(notify: Desk) -> None:
    soon = story.booked().model_copy(update={"starts": NOON + 20 * HOUR})
    await notify.hear(story.accepted(), story.assigned(), soon)
    await notify.wait(DAY)
    assert MessageTemplate.MEETING_REMINDER not in await written(notify)


async def test_a_first_session_is_prepared_by_a_host_and_a_reminder(notify: Desk) -> None:
    first = story.session()
    await notify.hear(story.accepted(), story.assigned(), first, story.welcomed_to(first, host="Maud"))
    for _ in range(6):
        await notify.wait(DAY)
    assert (await written(notify))[1:] == [
        MessageTemplate.ACTIVITY_CONFIRMED,
        MessageTemplate.HOST_INTRODUCTION,
        MessageTemplate.SESSION_REMINDER,
    ]
    about = {fact.template: fact.about for fact in await notify.said(MessageQueued)}
    assert about[MessageTemplate.HOST_INTRODUCTION].host == "Maud"
    assert about[MessageTemplate.SESSION_REMINDER].worker == story.KARIN, "signed by who guides"


async def test_a_session_that_is_off_is_told_and_not_reminded_of(notify: Desk) -> None:
    first = story.session()
    await notify.hear(first)
    for who in ("alva", "bo"):
        await notify.hear(story.accepted(who), story.assigned(who), story.welcomed_to(first, who))
    await notify.hear(story.accepted("cia"))
    await notify.hear(story.ended("bo"), story.called_off())
    for _ in range(6):
        await notify.wait(DAY)
    told = [fact for fact in await notify.said(MessageQueued) if fact.template == "session_cancelled"]
    assert [(fact.referral_id, fact.about.starts) for fact in told] == [("alva", first.starts)]
    assert MessageTemplate.SESSION_REMINDER not in await written(notify)


async def test_a_session_that_is_moved_is_told_and_reminded_of_anew(notify: Desk) -> None:
    first = story.session()
    await notify.hear(first)
    await notify.hear(story.accepted(), story.assigned(), story.welcomed_to(first))
    await notify.wait(4 * DAY)
    await notify.hear(story.moved(NOON + 10 * DAY))
    for _ in range(8):
        await notify.wait(DAY)
    said = [(fact.template.value, fact.about.starts) for fact in await notify.said(MessageQueued)][1:]
    assert said == [
        ("activity_confirmed", first.starts),
        ("session_reminder", first.starts),
        ("session_moved", NOON + 10 * DAY),
        ("session_reminder", NOON + 10 * DAY),
    ]


async def test_one_session_that_is_moved_is_told_to_everybody_who_was_to_come(notify: Desk) -> None:
    first, second, third = (story.session(f"s{n}", NOON + (5 + 7 * n) * DAY) for n in range(3))
    await notify.hear(first, second, third)
    for who, begins in (("alva", first), ("bo", second), ("cia", third)):
        await notify.hear(story.accepted(who), story.assigned(who), story.welcomed_to(begins, who))
    before = len(await notify.said(MessageQueued))
    moved_to = second.starts + timedelta(hours=2)
    await notify.hear(story.moved(moved_to, "s1"))
    told = [(each.referral_id, each.about.starts) for each in (await notify.said(MessageQueued))[before:]]
    assert sorted(told) == [("alva", moved_to), ("bo", moved_to)]


async def test_a_summer_without_sessions_is_told_week_by_week_and_not_at_once(notify: Desk) -> None:
    weekly = [story.session(f"s{week}", NOON + timedelta(days=5 + 7 * week)) for week in range(4)]
    await notify.hear(*weekly)
    await notify.hear(story.accepted(), story.assigned(), story.welcomed_to(weekly[0]))
    await notify.hear(*(story.called_off(f"s{week}", by_schedule=True) for week in (1, 2, 3)))
    told = []
    for _ in range(26):
        told.append((await written(notify)).count(MessageTemplate.SESSION_CANCELLED))
        await notify.wait(DAY)
    assert [told[day] for day in (0, 4, 5, 11, 12, 18, 19, 25)] == [0, 0, 1, 1, 2, 2, 3, 3]
    about = [f.about for f in await notify.said(MessageQueued) if f.template == "session_cancelled"]
    assert [each.starts for each in about] == [each.starts for each in weekly[1:]]


async def test_what_the_schedule_leaves_out_within_the_week_is_told_at_once(notify: Desk) -> None:
    soon = story.session()
    await notify.hear(soon)
    await notify.hear(story.accepted(), story.assigned(), story.welcomed_to(soon))
    await notify.hear(story.called_off(by_schedule=True))
    assert (await written(notify)).count(MessageTemplate.SESSION_CANCELLED) == 1
    for _ in range(6):
        await notify.wait(DAY)
    assert (await written(notify)).count(MessageTemplate.SESSION_CANCELLED) == 1


async def test_a_break_that_is_called_off_again_is_told_to_nobody(notify: Desk) -> None:
    first, later = story.session(), story.session("s2", NOON + 12 * DAY)
    await notify.hear(first, later)
    await notify.hear(story.accepted(), story.assigned(), story.welcomed_to(first))
    await notify.hear(story.called_off("s2", by_schedule=True))
    await notify.hear(story.session("s2-2", NOON + 12 * DAY))
    for _ in range(13):
        await notify.wait(DAY)
    assert MessageTemplate.SESSION_CANCELLED not in await written(notify)


async def test_a_session_before_they_begin_is_not_theirs_to_hear_of(notify: Desk) -> None:
    early, first = story.session(), story.session("s2", NOON + 12 * DAY)
    await notify.hear(early, first)
    await notify.hear(story.accepted(), story.assigned(), story.welcomed_to(first))
    await notify.hear(story.called_off())
    assert MessageTemplate.SESSION_CANCELLED not in await written(notify)
    await notify.hear(story.called_off("s2"))
    assert (await written(notify)).count(MessageTemplate.SESSION_CANCELLED) == 1


async def test_an_activity_that_ends_is_not_told_session_by_session(notify: Desk) -> None:
    weekly = [story.session(f"s{week}", NOON + timedelta(days=5 + 7 * week)) for week in range(4)]
    await notify.hear(*weekly)
    await notify.hear(story.accepted(), story.assigned(), story.welcomed_to(weekly[0]))
    await notify.hear(*(story.called_off(each.session_id, why="activity_withdrawn") for each in weekly))
    await notify.hear(story.ended())
    for _ in range(26):
        await notify.wait(DAY)
    about = [f.about for f in await notify.said(MessageQueued) if f.template == "session_cancelled"]
    assert [each.starts for each in about] == [weekly[0].starts]


async def test_another_hour_is_told_once_to_everybody_and_to_who_begins_later_when_they_begin(
    notify: Desk,
) -> None:
    first, second = story.session(), story.session("s2", NOON + 12 * DAY)
    await notify.hear(first, second)
    for who, begins in (("alva", first), ("bo", second)):
        await notify.hear(story.accepted(who), story.assigned(who), story.welcomed_to(begins, who))
    await notify.wait(6 * DAY)
    third = story.session("s3", NOON + 19 * DAY)
    await notify.hear(third)
    hour = timedelta(hours=1)
    before = len(await notify.said(MessageQueued))
    await notify.hear(story.moved(second.starts + hour, "s2", by_schedule=True))
    await notify.hear(story.moved(third.starts + hour, "s3", by_schedule=True, tells_all=False))
    told = [(each.referral_id, each.about.starts) for each in (await notify.said(MessageQueued))[before:]]
    assert sorted(told) == [("alva", second.starts + hour), ("bo", second.starts + hour)]


@pytest.mark.parametrize("outcome", list(Attendance))
async def test_only_who_stayed_away_unexcused_is_asked_how_they_are(
    notify: Desk, outcome: Attendance
) -> None:
    await notify.hear(story.accepted(), story.assigned(), story.welcomed())
    await notify.hear(story.came(outcome))
    asked = MessageTemplate.MISSED_SESSION in await written(notify)
    assert asked is (outcome is Attendance.ABSENT)


async def test_a_correction_takes_the_question_back(notify: Desk, vault: Vault, post: Post) -> None:
    await notify.hear(story.accepted(), story.assigned(), story.welcomed())
    await notify.hear(story.came(Attendance.ABSENT))
    await notify.hear(story.came(Attendance.ATTENDED))
    await notify.hear(story.came(Attendance.ABSENT))
    assert await held_back(notify) == {MessageTemplate.MISSED_SESSION: "no_longer_true"}
    assert (await written(notify)).count(MessageTemplate.MISSED_SESSION) == 1


async def test_what_is_told_names_the_session_and_the_provider_for_who_must_hold_it_back(
    notify: Desk,
) -> None:
    await notify.hear(story.accepted(), story.welcomed())
    (told,) = await notify.said(MessageQueued)
    about: Any = told.about
    assert (about.provider, about.activity) == ("korpen", "walk")
