"""What a simulation tells of those who did not arrive, and what it forgets of those who did."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from services.runtime.calls import Network
from services.runtime.clock import Clock
from sluss.ledger import Entry, Ledger
from sluss.people.arrivals import LOOK_EVERY
from sluss.people.referrer import Referrer
from sluss.people.simulation import Simulation
from sluss_contracts.command import Answer, Command

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def said(name: str, referral: str, **data: Any) -> Entry:
    type_ = f"sluss.{name}.v1"
    event = {"type": type_, "time": NOW.isoformat(), "data": {"referral_id": referral, **data}}
    return Entry("any", "0", 1, type_, referral, NOW, event)


def submitted(referral: str) -> Entry:
    return said(
        "referral.submitted",
        referral,
        organisation="clinic",
        area="hageby",
        language="sv",
        needs=["company"],
        submission_id="s1",
    )


class Told:
    """A record that says what the test tells it, a clock far ahead, and services that say yes."""

    def __init__(self, *entries: Entry) -> None:
        self.waiting = list(entries)
        self.asked: list[Command] = []

    async def news(self) -> list[Entry]:
        news, self.waiting = self.waiting, []
        return news

    async def ask(self, command: Command, *, timeout: float = 5.0) -> Answer:
        self.asked.append(command)
        return Answer(command_id=command.command_id)

    def now(self) -> datetime:
        return NOW.replace(year=2028)


class Clinic(Referrer):
    """Has a receipt at once, or never."""

    def __init__(self, receipt: dict[str, Any] | None) -> None:
        super().__init__("clinic", cast(Any, None))
        self.receipt = receipt
        self.sent: list[str] = []

    async def submit(self, submission_id: str, payload: dict[str, Any], at: datetime) -> dict[str, Any]:
        self.sent.append(submission_id)
        if self.receipt is None:
            await asyncio.Event().wait()
        self.receipts[submission_id] = dict(self.receipt or {})
        return self.receipts[submission_id]


def simulation(there: Told, clinic: Clinic) -> Simulation:
    return Simulation(cast(Network, there), cast(Ledger, there), cast(Clock, there), [clinic])


async def test_a_submission_without_a_receipt_is_named() -> None:
    clinic = Clinic(None)
    outcome = await simulation(Told(), clinic).run(1, patience=0.1)
    assert not outcome.complete
    assert outcome.stuck == {clinic.sent[0]: "clinic has had no receipt for this submission"}


async def test_a_submission_that_was_refused_is_named_with_the_reason() -> None:
    clinic = Clinic({"status": "refused", "code": "too_large"})
    outcome = await simulation(Told(), clinic).run(1, patience=0.1)
    assert "too_large" in outcome.stuck[clinic.sent[0]]


async def test_a_receipted_referral_is_named_by_itself_until_it_is_closed_and_told() -> None:
    clinic = Clinic({"status": "accepted", "referral_id": "r1"})
    opened = await simulation(Told(submitted("r1")), clinic).run(1, patience=0.1)
    assert opened.stuck["r1"].startswith("waits for nothing: no open task")
    closed = await simulation(Told(submitted("r1"), said("referral.closed", "r1")), clinic).run(
        1, patience=0.1
    )
    assert closed.progress.closed == 1
    assert closed.stuck == {"r1": "closed, but clinic has not been told"}
    clinic.feedback["r1"] = {"closure": {}}
    told = await simulation(Told(submitted("r1"), said("referral.closed", "r1")), clinic).run(1, patience=5)
    assert told.complete


async def test_who_is_told_before_the_referral_is_closed_is_waited_for() -> None:
    clinic = Clinic({"status": "accepted", "referral_id": "r1"})
    clinic.feedback["r1"] = {"closure": {}}
    there = Told()

    async def close() -> None:
        while not clinic.sent:
            await asyncio.sleep(0.01)
        await asyncio.sleep(5 * LOOK_EVERY)
        there.waiting += [submitted("r1"), said("referral.closed", "r1")]

    closing = asyncio.create_task(close())
    outcome = await simulation(there, clinic).run(1, patience=5)
    await closing
    assert outcome.complete, outcome.stuck


async def test_of_what_is_over_only_the_id_is_remembered() -> None:
    task = said("task.opened", "r1", task_id="t1", kind="contact_person", team="city", due="2026-12-01")
    there = Told(
        said("linkworker.registered", "", worker="anna", team="city", areas=[]), submitted("r1"), task
    )
    people = simulation(there, Clinic(None))
    await people._look_and_act()
    await people._doing.finish()
    await people._look_and_act()
    assert len(there.asked) == 1, "nobody acts twice on the same occasion"
    assert people._doing.remembered == 1
    done = said("task.done", "r1", task_id="t1", how="case_closed")
    there.waiting = [done, said("referral.closed", "r1"), said("contact.attempted", "r1", attempt=1)]
    await people._look_and_act()
    assert people._doing.remembered == 0
    seen = people._picture
    assert (seen.cases, seen.tasks, seen.closed) == ({}, {}, {"r1": "s1"})


@pytest.mark.parametrize(("before", "expected"), [((), 3), ((submitted("r0"),), 1)])
async def test_only_a_town_without_history_begins_in_haste(before: tuple[Entry, ...], expected: int) -> None:
    clinic = Clinic({"status": "accepted", "referral_id": "r1"})
    people = simulation(Told(*before), clinic)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1.2):
            await people.run_forever(lambda: 3600, at_first=3)
    assert len(clinic.sent) == expected
    assert clinic.receipts == {}, "what has been received is not kept for ever"
