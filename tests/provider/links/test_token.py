"""A token says what it is for and cannot be altered, however little."""

from __future__ import annotations

import string
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from services.provider.links.token import Link, LinkExpired, Purpose, Signer
from services.runtime.web.guessing import GUESSES, WITHIN, Guessing
from services.runtime.web.sealed import NotALink, mark_of
from tests.support.answering import KEY, NOON

SIGNER = Signer(KEY.encode())
OFFER = Link(Purpose.OFFER, "korpen", "01a429b2-1140-7b5c-84df-7eec7d32a781", NOON + timedelta(days=30))
LINKS = [
    OFFER,
    replace(OFFER, purpose=Purpose.ATTENDANCE),
    Link(Purpose.CONFIRMATION, "svenska-kyrkan-hogsby", "promenad-tisdag", NOON + timedelta(days=120), 7),
    Link(Purpose.CONFIRMATION, "x", "y" * 63, NOON + timedelta(hours=1), 65535),
    replace(OFFER, about="inte-ett-uuid"),
]


@pytest.mark.parametrize("link", LINKS)
def test_what_is_signed_is_read(link: Link) -> None:
    assert SIGNER.read(SIGNER.sign(link), NOON) == link


@pytest.mark.parametrize("link", LINKS[:3])
def test_a_link_fits_into_one_text_message(link: Link) -> None:
    assert len("https://svar.norrkoping.example/answer/" + SIGNER.sign(link)) < 140


def test_it_is_good_until_its_hour_and_not_after() -> None:
    token = SIGNER.sign(OFFER)
    assert SIGNER.read(token, OFFER.expires - timedelta(seconds=1))
    with pytest.raises(LinkExpired):
        SIGNER.read(token, OFFER.expires)


@pytest.mark.parametrize("link", LINKS[:3])
def test_no_sign_of_it_can_be_another(link: Link) -> None:
    """Every place, every other letter; also those that decode to the same bytes."""
    token = SIGNER.sign(link)
    for place, written in enumerate(token):
        for other in string.ascii_letters + string.digits + "-_":
            if other != written:
                with pytest.raises(NotALink):
                    SIGNER.read(token[:place] + other + token[place + 1 :], NOON)


@pytest.mark.parametrize(
    "made_up",
    ["", "x", "a" * 40, "a" * 300, "=" * 60, "../" * 20, "å" * 60, SIGNER.sign(OFFER) + "A",
     SIGNER.sign(OFFER)[:-1], SIGNER.sign(OFFER) + "=", " " + SIGNER.sign(OFFER), "\x00" * 60],
)  # fmt: skip
def test_what_nobody_made_is_no_link(made_up: str) -> None:
    with pytest.raises(NotALink):
        SIGNER.read(made_up, NOON)


def test_another_key_signs_other_links() -> None:
    with pytest.raises(NotALink):
        Signer(b"another key of more than thirty-two bytes").read(SIGNER.sign(OFFER), NOON)
    with pytest.raises(ValueError, match="at least 32 bytes"):
        Signer(b"short")


def test_a_proof_is_of_one_link_one_view_and_nothing_else() -> None:
    token, other = SIGNER.sign(OFFER), SIGNER.sign(replace(OFFER, about=str(UUID(int=5))))
    proof = SIGNER.proof(token, "offered")
    assert SIGNER.proves(proof, token, "offered")
    assert not SIGNER.proves(proof, other, "offered")
    assert not SIGNER.proves(proof, token, "accepted")
    assert not SIGNER.proves("", token, "offered")
    assert not SIGNER.proves("å", token, "offered")


def test_what_is_said_of_a_link_does_not_lead_to_it() -> None:
    assert len(mark_of(SIGNER.sign(OFFER))) == 8


def test_whoever_guesses_much_waits_and_nobody_else_does() -> None:
    now = 0.0
    guessing = Guessing("links_guessed", clock=lambda: now)
    assert not any(guessing.missed("192.0.2.1") for _ in range(GUESSES))
    assert guessing.missed("192.0.2.1")
    assert not guessing.missed("192.0.2.2")
    now += WITHIN + 1
    assert not guessing.missed("192.0.2.1")
