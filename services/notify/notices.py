"""From what waits for a provider's answer to a message to them, and where they are written to."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Text, bindparam, null, update
from sqlalchemy.dialects.postgresql import insert

from services.notify.domain import notice
from services.notify.registry import service
from services.notify.store import notices, provider_contacts
from services.runtime.decision import Decision
from services.runtime.service import Ctx, Held
from services.runtime.tx import Tx, sql
from sluss_contracts.activity import SessionReportDue, VerificationDue
from sluss_contracts.contact import ProviderContactGiven
from sluss_contracts.enrolment import EnrolmentOffered
from sluss_contracts.event import Event, Fact
from sluss_contracts.notice import NoticeAbout, NoticeFailed, NoticeQueued, NoticeSent, NoticeSuppressed
from sluss_contracts.vocabulary import NoticeTemplate

_contact = insert(provider_contacts).values(
    {
        name: bindparam(name, type_=provider_contacts.c[name].type)
        for name in ("provider", "phone", "email", "language", "sequence")
    }
)
_KNOW_CONTACT = sql(
    _contact.on_conflict_do_update(
        index_elements=["provider"],
        set_={name: _contact.excluded[name] for name in ("phone", "email", "language", "sequence")},
        where=provider_contacts.c.sequence < _contact.excluded.sequence,
    )
)
_CARRY = sql(
    insert(notices).values(
        {
            name: bindparam(name, type_=notices.c[name].type)
            for name in ("notice_id", "provider", "event_id", "cause", "template", "about")
        }
    )
)
_IS_OVER = sql(
    update(notices)
    .where(notices.c.notice_id == bindparam("over", type_=Text))
    .values(state="over", holder=null(), held_until=null())
)
_KNOWN = "select notice_id from notice where notice_id = any($1::text[])"

_Asks = EnrolmentOffered | SessionReportDue | VerificationDue


def offer(known: Collection[str], fact: EnrolmentOffered) -> list[Fact]:
    """Somebody would like to come, and the provider is asked."""
    about = NoticeAbout(activity=fact.activity, referral_id=fact.referral_id, enrolment_id=fact.enrolment_id)
    return notice.queue(
        known, NoticeTemplate.OFFER, provider=fact.provider, cause=fact.enrolment_id, about=about
    )


@service.on(SessionReportDue)
def ask_who_came(held: Held, event: Event[SessionReportDue], ctx: Ctx) -> Decision:
    fact = event.data
    about = NoticeAbout(activity=fact.activity, session_id=fact.session_id)
    return notice.queue(
        ctx.looked_up, NoticeTemplate.ATTENDANCE, provider=fact.provider, cause=fact.session_id, about=about
    )


@service.on(VerificationDue)
def ask_whether_still_right(held: Held, event: Event[VerificationDue], ctx: Ctx) -> Decision:
    """Each time it is asked is a cause of its own."""
    fact = event.data
    return notice.queue(
        ctx.looked_up,
        NoticeTemplate.VERIFICATION,
        provider=fact.provider,
        cause=str(event.id),
        about=NoticeAbout(activity=fact.activity),
    )


async def known_notices(tx: Tx, events: Sequence[Event[_Asks]]) -> set[str]:
    """Which of the notices that these events ask for there are already."""
    ids = sorted({_notice_of(event) for event in events})
    return {row["notice_id"] for row in await tx.fetch(_KNOWN, ids)}


def _notice_of(event: Event[_Asks]) -> str:
    match event.data:
        case EnrolmentOffered(enrolment_id=cause):
            return notice.name_of(NoticeTemplate.OFFER, cause)
        case SessionReportDue(session_id=cause):
            return notice.name_of(NoticeTemplate.ATTENDANCE, cause)
        case _:
            return notice.name_of(NoticeTemplate.VERIFICATION, str(event.id))


ask_who_came.lookup(known_notices)
ask_whether_still_right.lookup(known_notices)


@service.absorb(ProviderContactGiven)
async def know_contacts(tx: Tx, events: Sequence[Event[ProviderContactGiven]]) -> None:
    for each in events:
        said = {name: getattr(each.data, name) for name in ("provider", "phone", "email", "language")}
        await tx.execute(_KNOW_CONTACT, **said, sequence=each.sequence)


@service.project(NoticeQueued)
async def hand_over_notices(tx: Tx, events: Sequence[Event[NoticeQueued]]) -> None:
    rows = [
        {
            "notice_id": each.data.notice_id,
            "provider": each.data.provider,
            "event_id": each.id,
            "cause": each.data.cause,
            "template": each.data.template.value,
            "about": each.data.about.model_dump(mode="json", exclude_none=True),
        }
        for each in events
    ]
    await tx.execute_many(_CARRY, rows)


@service.project(NoticeSent, NoticeFailed, NoticeSuppressed)
async def take_notices_off(
    tx: Tx, events: Sequence[Event[NoticeSent | NoticeFailed | NoticeSuppressed]]
) -> None:
    await tx.execute_many(_IS_OVER, [{"over": each.data.notice_id} for each in events])
