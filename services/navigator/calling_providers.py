"""A provider that could not be written to about an offer is called by whoever has the case."""

from __future__ import annotations

from collections.abc import Sequence

from services.navigator.deciding import agenda_of
from services.navigator.domain.silences import notice_failed
from services.navigator.registry import CASE, navigator
from services.runtime.decision import Decision
from services.runtime.service import Ctx, Held, Timer
from services.runtime.tx import Tx
from sluss_contracts.event import Event
from sluss_contracts.notice import NoticeFailed

CALL_PROVIDER = "call_provider"
"""A case's provider has not got what was written to it. Due at once: it is said under another key."""


@navigator.absorb(NoticeFailed)
async def tell_whoever_has_the_case(tx: Tx, events: Sequence[Event[NoticeFailed]]) -> None:
    """What is not about one case (who came, whether it is right) has its own reminders."""
    for event in events:
        fact, about = event.data, event.data.about
        if about.referral_id and about.enrolment_id:
            await tx.timers.set(
                CALL_PROVIDER,
                fact.notice_id,
                about.referral_id,
                tx.now,
                why=fact.why,
                enrolment_id=about.enrolment_id,
            )


@navigator.timer(CALL_PROVIDER)
def call_provider(held: Held, timer: Timer, ctx: Ctx) -> Decision:
    case = held.one(CASE)
    if case is None or case.closed:
        return []
    agenda = agenda_of(held, timer.key, case, ctx)
    notice_failed(agenda, timer.data["why"], timer.data["enrolment_id"])
    return agenda.facts
