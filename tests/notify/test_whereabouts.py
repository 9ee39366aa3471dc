"""Messages about sessions say where: the session's own place, else the activity's, as it is when they go."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.notify.channels import Channels, Folder
from services.notify.message_courier import MessageCourier
from services.runtime.session_code import code_of
from sluss_contracts.activity import ActivityAmended, ActivityPublished, ActivityRescheduled
from sluss_contracts.message import MessageQueued
from sluss_contracts.offering import Mode, Venue
from sluss_contracts.vocabulary import MessageTemplate, Need, PrescriptionKind, Protection
from tests.notify import story
from tests.notify.conftest import Post, Vault
from tests.notify.story import DAY, NOON
from tests.support.desk import Desk

HALL = Venue(name="Hageby simhall", street="Hagebygatan 60", postal_code="603 65", town="Norrköping")
LIBRARY = Venue(name="Stadsbiblioteket", street="Södra Promenaden 105")
PAGES = "https://sluss.example/traff/"
WALK: dict[str, Any] = {
    "activity": "walk",
    "provider": "korpen",
    "title": "Promenad",
    "kind": PrescriptionKind.PHYSICAL,
    "needs": (Need.COMPANY,),
    "area": "hageby",
    "languages": ("sv",),
    "capacity": 8,
}


def walk(venue: Venue | None = HALL, mode: Mode = Mode.ON_SITE) -> ActivityPublished:
    return ActivityPublished(**WALK, venue=venue, mode=mode)


def elsewhere(starts: Any = NOON + 5 * DAY, was: Any = NOON + 5 * DAY) -> ActivityRescheduled:
    return story.moved(starts).model_copy(update={"venue": LIBRARY, "was": was, "elsewhere": True})


async def carried(here: Desk, vault: Vault, post: Post, **more: Any) -> str:
    """All that is on its way, delivered; the text of the last."""
    courier = MessageCourier(here.pool, vault, here.clock, Channels([Folder(post.folder)]), **more)
    await courier.round()
    return post.letters[-1].partition("\n\n")[2]


@pytest.mark.parametrize(
    ("offer", "own", "said"),
    [
        (walk(), None, " Plats: Hageby simhall, Hagebygatan 60, Norrköping."),
        (walk(), LIBRARY, " Plats: Stadsbiblioteket, Södra Promenaden 105."),
        (walk(None), None, ""),
        (walk(None, Mode.DIGITAL), None, " Du är med digitalt."),
        (walk(HALL, Mode.DIGITAL), None, " Du är med digitalt."),
        (walk(HALL, Mode.DIGITAL), LIBRARY, " Plats: Stadsbiblioteket, Södra Promenaden 105."),
        (
            walk(HALL, Mode.BOTH),
            None,
            " Plats: Hageby simhall, Hagebygatan 60, Norrköping. Du kan också vara med digitalt.",
        ),
        (None, LIBRARY, " Plats: Stadsbiblioteket, Södra Promenaden 105."),
    ],
)
async def test_a_welcome_says_where_the_session_is(
    notify: Desk, vault: Vault, post: Post, offer: ActivityPublished | None, own: Venue | None, said: str
) -> None:
    first = story.session().model_copy(update={"venue": own})
    await notify.hear(*([offer] if offer else []), story.accepted(), first, story.welcomed_to(first))
    letter = await carried(notify, vault, post)
    assert letter == f"Hej Alva!\n\nDu är välkommen lördag 7 mars kl. 13:00.{said}\n"


async def test_all_that_is_written_of_a_session_says_where_it_is_by_then(
    notify: Desk, vault: Vault, post: Post
) -> None:
    first = story.session()
    await notify.hear(walk(), story.accepted(), first, story.welcomed_to(first, host="Maud"))
    assert "Plats: Hageby simhall" in await carried(notify, vault, post)
    await notify.hear(ActivityAmended(**WALK, venue=LIBRARY), walk().model_copy(update={"capacity": 9}))
    await notify.hear(ActivityAmended(**WALK, venue=LIBRARY))
    await notify.wait(2 * DAY)
    introduced = await carried(notify, vault, post)
    assert "Maud ser fram emot" in introduced
    assert "Plats: Stadsbiblioteket" in introduced, "as it is when the message goes"
    await notify.wait(2 * DAY)
    reminder = await carried(notify, vault, post)
    assert "En påminnelse: du är välkommen lördag 7 mars kl. 13:00. Plats: Stadsbiblioteket" in reminder
    assert reminder.endswith("Hör av dig till mig om du får förhinder.\n")
    await notify.hear(story.called_off())
    off = await carried(notify, vault, post)
    assert "Det blir tyvärr inget lördag 7 mars kl. 13:00. Det gäller Stadsbiblioteket" in off


async def test_a_session_that_is_moved_is_told_with_the_old_time_the_new_time_and_the_place(
    notify: Desk, vault: Vault, post: Post
) -> None:
    first = story.session()
    await notify.hear(walk(), story.accepted(), first, story.welcomed_to(first, host="Maud"))
    await carried(notify, vault, post)
    later = NOON + 6 * DAY
    await notify.hear(story.moved(later).model_copy(update={"was": first.starts}))
    assert await carried(notify, vault, post) == (
        "Hej Alva!\n\nDet blir en ändring. Du är välkommen söndag 8 mars kl. 13:00 i stället för "
        "lördag 7 mars kl. 13:00. Plats: Hageby simhall, Hagebygatan 60, Norrköping. "
        "Maud tar emot dig när du kommer.\n"
    )
    await notify.hear(elsewhere(later, later))
    assert "Du är välkommen söndag 8 mars kl. 13:00. Ny plats: Stadsbiblioteket" in await carried(
        notify, vault, post
    )
    longer = story.moved(later).model_copy(update={"was": later, "minutes": 90, "venue": LIBRARY})
    await notify.hear(longer)
    queued = [each.template for each in await notify.said(MessageQueued)]
    moved = [MessageTemplate.SESSION_MOVED] * 2
    assert queued == [MessageTemplate.ACTIVITY_CONFIRMED, *moved], "and nobody is told how long it is"


async def test_an_activity_that_moves_tells_everybody_who_takes_part_once(
    notify: Desk, vault: Vault, post: Post
) -> None:
    first = story.session()
    await notify.hear(walk(), story.accepted(), first, story.welcomed_to(first, host="Maud"))
    await carried(notify, vault, post)
    moved = ActivityAmended(**WALK, venue=LIBRARY, elsewhere=True)
    await notify.hear(moved)
    assert await carried(notify, vault, post) == (
        "Hej Alva!\n\nDet blir en ändring. Du är välkommen lördag 7 mars kl. 13:00. "
        "Ny plats: Stadsbiblioteket, Södra Promenaden 105. Maud tar emot dig när du kommer.\n"
    )
    await notify.hear(moved.model_copy(update={"elsewhere": False, "capacity": 3}))
    assert len([each for each in await notify.said(MessageQueued) if each.about.elsewhere]) == 1
    await notify.hear(elsewhere(first.starts, first.starts))
    await carried(notify, vault, post)
    many = len(await notify.said(MessageQueued))
    await notify.hear(moved.model_copy(update={"venue": HALL}))
    assert len(await notify.said(MessageQueued)) == many, "that session has a place of its own"


async def test_who_comes_where_nothing_is_laid_out_is_told_the_place_alone(
    notify: Desk, vault: Vault, post: Post
) -> None:
    await notify.hear(walk(), story.accepted(), story.welcomed().model_copy(update={"starts": None}))
    await notify.hear(ActivityAmended(**WALK, venue=LIBRARY, elsewhere=True))
    assert "Det blir en ändring. Du är välkommen. Ny plats: Stadsbiblioteket" in await carried(
        notify, vault, post
    )


async def test_a_link_leads_to_a_page_whose_address_tells_nothing(
    notify: Desk, vault: Vault, post: Post
) -> None:
    first = story.session("walk-20260307T1200Z")
    await notify.hear(walk(), story.accepted(), first, story.welcomed_to(first))
    letter = await carried(notify, vault, post, sessions=PAGES)
    address = f"{PAGES}{code_of('walk-20260307T1200Z')}"
    assert letter.endswith(f"Norrköping. Så hittar du dit: {address}\n")
    assert "walk" not in letter
    await notify.hear(walk(None, Mode.DIGITAL), story.accepted("bo"), story.welcomed_to(first, "bo"))
    assert f"Du är med digitalt. Så är du med: {address}" in await carried(
        notify, vault, post, sessions=PAGES
    )


async def test_nobody_whose_whereabouts_are_protected_is_told_a_place(
    notify: Desk, vault: Vault, post: Post
) -> None:
    first = story.session()
    hidden = story.accepted().model_copy(update={"protection": Protection.CONFIDENTIAL})
    vault.care = {"protection": "confidential"}
    vault.contact = {"postal_address": "Box 1, 111 11 Stockholm"}
    await notify.hear(walk(), hidden, story.assigned(), first, story.welcomed_to(first))
    await notify.hear(elsewhere())
    await notify.wait(timedelta(days=4))
    await carried(notify, vault, post, sessions=PAGES)
    (letter,) = post.letters
    assert not [word for word in ("simhall", "biblioteket", "traff") if word in letter]
