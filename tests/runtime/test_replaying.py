"""Dead letters replayed: by what they have in common, once two people want it."""

from __future__ import annotations

from datetime import timedelta

from services.runtime.deadletters import open_dead_letters
from services.runtime.tending.errands import Approve, Dismiss, Replay, TryAll, Which
from tests.runtime.quay import NOON, Quay, by, quay

__all__ = ["quay"]


async def test_many_are_replayed_by_what_they_have_in_common_once_two_people_want_it(quay: Quay) -> None:
    kind = "sluss.ferry.boarded.v1"
    assert await quay.refuses(Replay(which=Which(), **by("ada"))) == "unclear"
    other = Which(code="not_on_the_list", type="sluss.ferry.moored.v1")
    assert await quay.refuses(Replay(which=other, **by("ada"))) == "nothing_to_replay"
    long_ago = Which(code="not_on_the_list", before=NOON - timedelta(days=3650))
    assert await quay.refuses(Replay(which=long_ago, **by("ada"))) == "nothing_to_replay"
    assert await quay.refuses(Replay(which=Which(code="unreadable"), **by("ada"))) == "nothing_to_replay"
    for_another = Which(code="not_on_the_list", because="no subject")
    assert await quay.refuses(Replay(which=for_another, **by("ada"))) == "nothing_to_replay"

    because = "The harbour knows nobody of that name."
    these = Which(code="not_on_the_list", type=kind, because=because)
    dry = await quay.does(TryAll(which=these, **by("ada")))
    assert (dry["would"], dry["tried"], dry["untried"]) == ({"die": 3}, quay.numbers[:3], [])
    errand = Replay(which=these, **by("ada"))
    made = await quay.does(errand)
    assert (made["letters"], made["left"]) == (quay.numbers[:3], [])
    assert await quay.does(errand) == made  # asked again, the same
    second = await quay.does(Replay(which=Which(numbers=tuple(quay.numbers)), **by("bo")))
    assert (second["letters"], second["left"]) == (quay.numbers[:3], quay.numbers[3:])
    assert await quay.waiting() == []  # nobody has agreed

    number = made["proposal"]
    assert await quay.refuses(Approve(proposal=number, **by("ada"))) == "needs_another"
    agreed = Approve(proposal=number, **by("bo"))
    done = await quay.does(agreed)
    assert done == {"proposed_by": "ada", "done": quay.numbers[:3], "left": []}
    assert await quay.waiting() == ["alma", "iris", "juno"]
    assert await quay.does(agreed) == done  # the same errand does nothing more
    assert await quay.refuses(Approve(proposal=number, **by("cy"))) == "dealt_with"
    assert await quay.refuses(Approve(proposal=second["proposal"], **by("ada"))) == "dealt_with"
    assert await quay.waiting() == ["alma", "iris", "juno"]
    gone = Dismiss(which=Which(code="unreadable"), **by("ada"))
    assert await quay.does(gone) == {"done": quay.numbers[3:], "left": []}
    assert await open_dead_letters(quay.pool) == []


async def test_a_second_name_from_the_same_account_is_no_second_person(quay: Quay) -> None:
    these = Which(code="not_on_the_list")
    made = await quay.does(Replay(which=these, **by("ada", account="linus@lots-1")))
    number = made["proposal"]
    same = Approve(proposal=number, **by("bo", account="linus@lots-1"))
    assert await quay.refuses(same) == "same_account"
    own = Approve(proposal=number, **by("ada", account="nour@lots-1"))
    assert await quay.refuses(own) == "needs_another"
    assert await quay.waiting() == []
    await quay.does(Approve(proposal=number, **by("bo", account="nour@lots-1")))
    kept = await quay.pool.fetch("select actor, account, action from operator_action order by number")
    assert [tuple(row) for row in kept] == [
        ("ada", "linus@lots-1", "replay"),
        ("bo", "nour@lots-1", "approve"),
    ]
    # Whoever has signed in to the console has no account at the machine: the name is no claim there.
    await quay.pool.execute("update dead_letter set resolved = null, resolution = null")
    again = await quay.does(Replay(which=these, **by("ada", account="linus@lots-1")))
    await quay.does(Approve(proposal=again["proposal"], **by("bo")))


async def test_what_died_after_a_replay_was_proposed_is_not_replayed_with_it(quay: Quay) -> None:
    made = await quay.does(Replay(which=Which(key="alma"), **by("ada")))
    later = await quay.pool.fetchval(
        "insert into dead_letter (event_id, key, subject, body, code, reason) "
        "select gen_random_uuid(), key, subject, body, code, reason from dead_letter where number = $1 "
        "returning number",
        quay.numbers[0],
    )
    done = await quay.does(Approve(proposal=made["proposal"], **by("bo")))
    assert done["done"] == quay.numbers[:1]
    assert later in {each.number for each in await open_dead_letters(quay.pool)}
