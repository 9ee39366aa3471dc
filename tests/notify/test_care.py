"""How people are written to: at hours and by ways that are safe for them, or not at all, and why not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sluss_contracts.message import MessageSent, MessageSuppressed
from sluss_contracts.pathway import Preparation
from sluss_contracts.vocabulary import MessageTemplate, Protection
from tests.notify import story
from tests.notify.conftest import Post, Vault
from tests.notify.letterbox import carry, held_back
from tests.notify.story import DAY, on
from tests.support.desk import Desk

EVERY_WAY = {
    "phone": "070-174 06 00",
    "email": "alva@example.org",
    "postal_address": "Storgatan 1\n602 00 Norrköping",
}
HOUR = timedelta(hours=1)


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
