"""What a person takes back: a consent, or everything."""

from __future__ import annotations

from collections.abc import Sequence

from services.notify.courses import course_of, known_courses
from services.notify.domain import deadline, evaluation, feedback, followup, message
from services.notify.registry import EVALUATION, FEEDBACK, FOLLOWUP, MESSAGE, service
from services.notify.waiting import expect, meet
from services.runtime.decision import Decision, Wait
from services.runtime.service import Ctx, Held, Timer
from services.runtime.tx import Tx
from sluss_contracts.consent import ConsentWithdrawn, WithdrawalConfirmed
from sluss_contracts.event import Event, Fact
from sluss_contracts.person import PersonErased
from sluss_contracts.vocabulary import ConsentPurpose, DeadlineKind

ERASED = "erased"
"""Timer of an erased person's referral, due at once: what is still to be asked or written stays here."""

_OF_PERSONS = "select referral_id from course where person = any($1::text[]) order by referral_id"
_DROP_LINKS = """
delete from evaluation_link l using evaluation e
where l.evaluation_id = e.evaluation_id and e.person = any($1::text[])
"""


@service.on(ConsentWithdrawn)
def keep_back_what_has_not_gone(held: Held, event: Event[ConsentWithdrawn], ctx: Ctx) -> Decision:
    """Everything that is named stops here; each receiver that has something already is to confirm."""
    fact = event.data
    course = course_of(ctx, fact.referral_id)
    if isinstance(course, Wait):
        # Of a duplicate only its own referrer's feedback is here; the work is under another referral.
        return _withhold(held, fact) if fact.referral_id in ctx.looked_up.duplicates else course
    facts: list[Fact] = []
    messages = held.all(MESSAGE).values()
    if ConsentPurpose.REFERRAL in fact.purposes:
        facts += [
            *message.hold_back(messages, message.WITHDRAWN),
            *followup.close(held.all(FOLLOWUP).values()),
            *_ask_no_more(held, evaluation.WITHDRAWN),
        ]
    elif fact.receivers:
        facts += message.withdraw(messages, providers=fact.receivers)
    elif ConsentPurpose.SHARE_WITH_PROVIDER in fact.purposes:
        facts += message.withdraw(messages, providers=None)
    facts += _withhold(held, fact)
    for receiver in fact.shared_with:
        about = deadline.of_receiver(fact.referral_id, receiver)
        facts += expect(
            held, course, DeadlineKind.WITHDRAWAL_CONFIRMED, event.time, about=about, tells=receiver
        )
    return facts


def _ask_no_more(held: Held, why: str) -> list[Fact]:
    """Evaluations that are not answered are cancelled, and no answer is waited for."""
    cancelled = evaluation.cancel(held.all(EVALUATION).values(), why)
    met = [
        one for each in cancelled for one in meet(held, DeadlineKind.EVALUATION_ANSWERED, each.aggregate_id)
    ]
    return [*cancelled, *met]


def _withhold(held: Held, fact: ConsentWithdrawn) -> list[Fact]:
    """What the referrer was to hear and may hear no more."""
    if ConsentPurpose.FEEDBACK_TO_REFERRER not in fact.purposes:
        return []
    withheld = feedback.withhold(held.all(FEEDBACK).values())
    met = [one for each in withheld for one in meet(held, DeadlineKind.FEEDBACK_SENT, each.feedback_id)]
    return [*withheld, *met]


@service.on(WithdrawalConfirmed)
def note_who_has_removed_it(held: Held, event: Event[WithdrawalConfirmed], ctx: Ctx) -> Decision:
    fact = event.data
    about = deadline.of_receiver(fact.referral_id, fact.receiver)
    return meet(held, DeadlineKind.WITHDRAWAL_CONFIRMED, about)


@service.on(PersonErased)
def ask_and_write_no_more(held: Held, event: Event[PersonErased], ctx: Ctx) -> Decision:
    """All is done by the lookup. The event stands under the person, and what is left of them under their
    referrals: each is seen to by itself, as it is then, whatever else this batch does to it."""
    return []


@ask_and_write_no_more.lookup
async def each_of_their_referrals(tx: Tx, events: Sequence[Event[PersonErased]]) -> None:
    erased = [event.data.person for event in events]
    await tx.execute(_DROP_LINKS, erased)
    for row in await tx.fetch(_OF_PERSONS, erased):
        await tx.timers.set(ERASED, row["referral_id"], row["referral_id"], tx.now)


@service.timer(ERASED)
def leave_them_alone(held: Held, timer: Timer, ctx: Ctx) -> Decision:
    """Nothing leads to the person any longer: nobody is asked, and nothing goes."""
    return [
        *_ask_no_more(held, evaluation.ERASED),
        *message.hold_back(held.all(MESSAGE).values(), message.ERASED),
    ]


keep_back_what_has_not_gone.lookup(known_courses)
