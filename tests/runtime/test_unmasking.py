"""One masked place of a dead letter: seen by one person, for a reason and a while, written down first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson

from services.runtime.deadletters import open_dead_letters
from services.runtime.tending.errands import Unmask
from services.runtime.tending.unmasking import visible
from tests.runtime.ferries import new
from tests.runtime.quay import STOWAWAY, Quay, actions, by, quay, refusal

__all__ = ["quay"]

LOOK: dict[str, Any] = {"purpose": "fault_finding"}
WHY = "the sender asks what came"


async def test_one_place_is_seen_for_a_while_and_in_the_access_log_first(quay: Quay) -> None:
    letters = await open_dead_letters(quay.pool)
    one = next(each for each in letters if each.key == "juno")
    look = Unmask(number=one.number, place="passenger", **LOOK, **by("ada", WHY))
    quay.vault.away = True
    assert await quay.refuses(look) == "not_written_down"
    assert await actions(quay.pool) == []
    quay.vault.away = False

    seen = await quay.does(look)
    assert seen["value"] == STOWAWAY
    assert await quay.does(look) == seen  # asked again, the same, and noted once
    [noted] = quay.vault.noted
    assert (noted.actor.id, noted.referral_id, noted.fields, noted.purpose) == (
        "ada",
        "juno",
        ("passenger",),
        "fault_finding",
    )
    [action] = await actions(quay.pool)
    assert (action["action"], action["reason"]) == ("unmask", WHY)
    assert STOWAWAY not in str(action["outcome"])
    assert [*await visible(quay.pool, "harbour", one, "ada")] == ["passenger"]
    assert await visible(quay.pool, "harbour", one, "bo") == {}

    # Neither a place that is not there, nor all at once.
    for place in ("shoe_size", "passenger[0]", "passenger.name", ".", "*"):
        asked = Unmask(number=one.number, place=place, **LOOK, **by("ada", WHY))
        assert await quay.refuses(asked) == "nothing_there"
    short = look.model_dump(mode="json") | {"reason": "why", "id": str(new())}
    assert refusal(await quay.tending.answer(orjson.dumps(short))) == "unclear"

    # A quarter of an hour later it is over.
    quay.clock.move(timedelta(minutes=16))
    assert await quay.refuses(look) == "time_is_up"


async def test_what_is_no_document_is_seen_whole_or_not(quay: Quay) -> None:
    look = Unmask(number=quay.numbers[3], place="*", **LOOK, **by("ada", WHY))
    assert (await quay.does(look))["value"] == "\\xff"
    assert quay.vault.noted == []  # nobody can tell whom it is about; the audit log has it
    assert [each["action"] for each in await actions(quay.pool)] == ["unmask"]
