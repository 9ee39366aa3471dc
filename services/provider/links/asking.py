"""Questions for links: asked by the notify service when it writes, and by staff on the telephone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.provider.domain import links
from services.provider.domain.enrolment import Enrolment
from services.provider.links.keys import address_of, signer
from services.provider.links.token import Link, Purpose
from services.provider.registry import ACTIVITY, ENROLMENT, SESSION, service
from services.runtime.decision import Decision, Done
from services.runtime.service import Ctx, Held
from services.runtime.tx import Tx
from sluss_contracts.commands.provider import ReadActivityLink, ReadEnrolmentLink

EXPECTED = """
select a.state::text as state from enrolment e
join session s on s.activity = e.activity
join aggregate a on a.key = e.referral_id and a.kind = 'enrolment' and a.id = e.enrolment_id
left join session f on f.session_id = e.first_session
where s.session_id = $1 and not s.cancelled and e.status = 'accepted'
  and coalesce(f.starts, e.expected_from) <= s.starts
order by e.place_in_line
"""
"""Everybody who should have been at a session, in the order in which they joined."""
_SEQUENCE = "select sequence from aggregate where key = $1 and kind = 'activity' and id = $1"


@service.command(ReadEnrolmentLink)
def read_enrolment_link(held: Held, question: ReadEnrolmentLink, ctx: Ctx) -> Decision:
    links.may_have_one(question.actor)
    offered = links.for_offer(held.get(ENROLMENT, question.enrolment_id), question.enrolment_id)
    expires = ctx.now + links.OFFER_LINK
    link = Link(Purpose.OFFER, offered.provider, offered.enrolment_id, expires)
    return _told(link, expires, waits=0 if offered.suggested else 1)


@service.command(ReadActivityLink)
def read_activity_link(held: Held, question: ReadActivityLink, ctx: Ctx) -> Decision:
    links.may_have_one(question.actor)
    there = links.for_activity(held.get(ACTIVITY, question.activity), question.activity)
    expected, sequence = ctx.looked_up
    if question.session_id is None:
        expires = ctx.now + links.CONFIRMATION_LINK
        link = Link(Purpose.CONFIRMATION, there.provider, there.activity, expires, since=sequence)
        return _told(link, expires, waits=1)
    id = question.session_id
    session = links.for_session(held.get(SESSION, id), id, there.activity, ctx.now)
    expires = max(session.ends, ctx.now) + links.ATTENDANCE_LINK
    link = Link(Purpose.ATTENDANCE, there.provider, id, expires)
    return _told(link, expires, waits=links.unreported(expected, id))


@read_activity_link.lookup
async def expected_and_sequence(tx: Tx, questions: Sequence[ReadActivityLink]) -> tuple[list[Enrolment], int]:
    (question,) = questions
    rows = await tx.fetch(EXPECTED, question.session_id) if question.session_id else []
    expected = [Enrolment.model_validate_json(row["state"]) for row in rows]
    return expected, await tx.value(_SEQUENCE, question.activity) or 0


def _told(link: Link, expires: datetime, *, waits: int) -> Done:
    address = address_of(signer().sign(link))
    told = {"address": address, "provider": link.provider, "expires": expires.isoformat(), "waits": waits}
    return Done([], told)
