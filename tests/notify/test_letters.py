"""Plain words that tell nobody else anything."""

from __future__ import annotations

from itertools import product

import pytest

from services.notify.domain.feedback import Letterhead, Told
from services.notify.letters import write
from services.notify.replies import reply
from sluss_contracts.message import MessageAbout
from sluss_contracts.vocabulary import CaseOutcome, MeetingMode, MessageTemplate
from tests.notify.story import DAY, NOON

REVEALING = (
    "ensam lonel hälsolots link worker sluss referral remiss hänvis klinik clinic vård care depress psyk "
    "recept prescri aktivitet activity socialtjänst"
)
ABOUT = MessageAbout(worker="karin", starts=NOON + 3 * DAY, mode=MeetingMode.CLINIC, host="Maud")


@pytest.mark.parametrize(("template", "language"), list(product(MessageTemplate, ["sv", "en", "so"])))
def test_no_message_reveals_why_somebody_is_written_to(template: MessageTemplate, language: str) -> None:
    letter = write(template, language, "Alva Ek", ABOUT, "Karin", "https://example.org/x")
    text = f"{letter.subject} {letter.body}".lower()
    assert not [word for word in REVEALING.split() if word in text]
    assert "{" not in text
    assert "alva" in text
    assert " ek" not in text, "the family name is nobody's business"


@pytest.mark.parametrize(("template", "language"), list(product(MessageTemplate, ["sv", "en", "so"])))
def test_nor_does_one_to_a_guardian(template: MessageTemplate, language: str) -> None:
    told = write(template, language, "Alva Ek", ABOUT, "Karin", "https://example.org/x", to_guardian=True)
    text = f"{told.subject} {told.body}".lower()
    assert not [word for word in REVEALING.split() if word in text]
    assert "alva" in text
    nameless = write(template, language, None, ABOUT, "Karin", "https://example.org/x", to_guardian=True)
    assert "ditt barn" in nameless.body or "your child" in nameless.body


def test_a_meeting_says_when_in_the_persons_own_time() -> None:
    assert (
        "torsdag 5 mars kl. 13:00" in write(MessageTemplate.MEETING_BOOKED, "sv", "Alva", ABOUT, "Karin").body
    )
    assert (
        "Thursday 5 March at 13:00"
        in write(MessageTemplate.MEETING_BOOKED, "en", "Alva", ABOUT, "Karin").body
    )


def test_summer_time_is_the_persons_too() -> None:
    about = MessageAbout(starts=NOON.replace(month=7))
    assert "14:00" in write(MessageTemplate.ACTIVITY_CONFIRMED, "sv", "Alva", about, None).body


def test_a_language_without_texts_gets_swedish_and_english() -> None:
    letter = write(MessageTemplate.INVITATION, "so", None, MessageAbout(), None)
    assert letter.body.index("Hej!") < letter.body.index("Hello!")
    assert letter.language == "sv, en"


def test_an_activity_without_a_date_or_host_still_makes_sense() -> None:
    letter = write(MessageTemplate.ACTIVITY_CONFIRMED, "en", "Alva", MessageAbout(), None)
    assert letter.body == "Hello Alva!\n\nYou are welcome to come."


@pytest.mark.parametrize("told", list(Told))
def test_a_letter_to_the_referrer_names_their_own_id_and_never_the_person(told: Told) -> None:
    outcome = CaseOutcome.COMPLETED.value if told is Told.CLOSED else None
    letter = reply(told, outcome, Letterhead(submission_id="s-17", unit="Enhet 1", person="Lena"), "Går bra.")
    assert "s-17" in letter.subject
    assert letter.body.startswith("Till Lena, Enhet 1")
    assert letter.body.endswith("Går bra.")
