"""What one operator proposes and another approves: dead letters replayed as they came, or an event put right.

Replaying passes the same rules as the first time, and what comes of it cannot be taken back: a message that
is sent, a place that is taken, months after it was meant. So nobody replays alone. What a proposal is about
is settled when it is made: whoever approves it approves what they have seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from services.runtime.deadletters import DeadLetter, NotReplayable, dead_letter, replay
from services.runtime.decision import Refusal
from services.runtime.tending.corrections import OPERATOR
from sluss_contracts.command import Actor
from sluss_contracts.subjects import slot_of

_KEEP = """
insert into proposal (letters, event_id, body, proposed_by, account, reason) values ($1, $2, $3, $4, $5, $6)
returning number
"""
_OPEN = """
select number, letters, event_id, body, proposed_by, account, decision from proposal
where number = $1 for update
"""
_DECIDE = "update proposal set decided = now(), decided_by = $2, decision = $3 where number = $1"
_QUEUE = """
insert into parked (slot, key, event_id, source, subject, body, reason) values ($1, $2, $3, $4, $5, $6, $7)
on conflict (event_id) do nothing
"""
_RESOLVE = """
update dead_letter set resolved = now(), resolution = 'replaced', resolved_by = $2
where number = $1 and resolved is null returning number
"""


class NeedsAnother(Refusal):
    """Whoever proposed it cannot approve it: ask a second person."""

    code = "needs_another"


class SameAccount(Refusal):
    """It was proposed from this very account at this machine, under another name. A second person approves it
    from an account of their own, or in the console, where people sign in."""

    code = "same_account"


class DealtWith(Refusal):
    """Somebody has dealt with it already."""

    code = "dealt_with"


class NothingToReplay(Refusal):
    """None of these can be replayed: they are dealt with, or their bytes are no event."""

    code = "nothing_to_replay"


class UnknownProposal(LookupError):
    """There is no proposal of this number in this service."""

    code: ClassVar[str] = "unknown_proposal"


@dataclass(frozen=True, slots=True)
class Proposal:
    """One, as it lies in the table."""

    number: int
    letters: tuple[int, ...]
    event_id: UUID | None
    """Of the event that takes the one letter's place; None where they are replayed as they came."""
    body: bytes | None
    proposed_by: str
    account: str | None
    """The account at the machine, where it was proposed at the command line."""


async def propose_event(
    connection: Any, letter: DeadLetter, id_: UUID, body: bytes, *, by: Actor, reason: str
) -> int:
    """Keep an event put right for somebody else. Its number. Raises `DealtWith`."""
    if letter.resolved:
        raise DealtWith
    number: int = await connection.fetchval(_KEEP, [letter.number], id_, body, by.id, by.account, reason)
    return number


async def propose_replay(
    connection: Any, numbers: Sequence[int], *, by: Actor, reason: str
) -> tuple[int, list[int], list[int]]:
    """Keep a replay for somebody else: its number, the letters it is about, and those that are left out,
    being dealt with or no event. Raises `UnknownDeadLetter`, or `NothingToReplay` when all are left out."""
    meant: list[int] = []
    left: list[int] = []
    for number in numbers:
        letter = await dead_letter(connection, number)
        (meant if letter.replayable and letter.resolved is None else left).append(number)
    if not meant:
        raise NothingToReplay
    kept: int = await connection.fetchval(_KEEP, meant, None, None, by.id, by.account, reason)
    return kept, meant, left


async def approve(connection: Any, number: int, *, by: Actor) -> tuple[Proposal, list[int], list[int]]:
    """Agree to it, once: the letters that go to the handlers, and those that were dealt with meanwhile.

    Raises `UnknownProposal`, `NeedsAnother`, `SameAccount`, `DealtWith`.
    """
    proposal = await _undecided(connection, number)
    if proposal.proposed_by == by.id:
        raise NeedsAnother
    if by.account and proposal.account == by.account:
        raise SameAccount
    await connection.execute(_DECIDE, number, by.id, "approved")
    done: list[int] = []
    left: list[int] = []
    for letter in proposal.letters:
        (done if await _again(connection, proposal, letter, by.id) else left).append(letter)
    if not done:
        raise DealtWith
    return proposal, done, left


async def reject(connection: Any, number: int, *, by: Actor) -> Proposal:
    """Turn it down, once; whoever proposed it may take it back. Raises `UnknownProposal`, `DealtWith`."""
    proposal = await _undecided(connection, number)
    await connection.execute(_DECIDE, number, by.id, "rejected")
    return proposal


async def _undecided(connection: Any, number: int) -> Proposal:
    row = await connection.fetchrow(_OPEN, number)
    if row is None:
        raise UnknownProposal(f"there is no proposal {number}")
    if row["decision"]:
        raise DealtWith
    return Proposal(
        row["number"], tuple(row["letters"]), row["event_id"], row["body"], row["proposed_by"], row["account"]
    )


async def _again(connection: Any, proposal: Proposal, number: int, by: str) -> bool:
    if proposal.body is None:
        try:
            return await replay(connection, number, by=by)
        except NotReplayable:
            return False
    if await connection.fetchval(_RESOLVE, number, by) is None:
        return False
    letter = await dead_letter(connection, number)
    key = letter.key or ""
    place = (slot_of(key), key, proposal.event_id, OPERATOR, letter.subject, proposal.body)
    await connection.execute(_QUEUE, *place, f"corrected by {proposal.proposed_by}, approved by {by}")
    return True
