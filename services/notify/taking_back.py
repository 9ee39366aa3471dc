"""What a person takes back: a consent, or everything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.notify.courses import course_of, known_courses
from services.notify.domain import deadline, evaluation, feedback, followup, message
from services.notify.domain.evaluation import Evaluation
from services.notify.domain.message import Message
from services.notify.registry import EVALUATION, FEEDBACK, FOLLOWUP, MESSAGE, service
from services.notify.waiting import expect, meet
from services.runtime.decision import Decision, Wait
from services.runtime.service import Ctx, Held
from services.runtime.tx import Tx
from sluss_contracts.event import Event, Fact
from sluss_contracts.person import PersonErased
from sluss_contracts.referral import ConsentWithdrawn, WithdrawalConfirmed
from sluss_contracts.vocabulary import ConsentPurpose, DeadlineKind

_OF_PERSONS = """
select 'evaluation' as kind, a.state from aggregate a
join evaluation e on e.referral_id = a.key and e.evaluation_id = a.id
where a.kind = 'evaluation' and e.person = any($1::text[])
union all
select 'message', a.state from aggregate a
join message m on m.referral_id = a.key and m.message_id = a.id
where a.kind = 'message' and m.person = any($1::text[]) and m.state <> 'over'
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
        cancelled = evaluation.cancel(held.all(EVALUATION).values(), evaluation.WITHDRAWN)
        facts += [
            *message.hold_back(messages, message.WITHDRAWN),
            *followup.close(held.all(FOLLOWUP).values()),
            *cancelled,
            *(
                met
                for one in cancelled
                for met in meet(held, DeadlineKind.EVALUATION_ANSWERED, one.aggregate_id)
            ),
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
    """Nothing leads to the person any longer: nobody is asked, and nothing goes."""
    theirs = [each for each in ctx.looked_up if each.person == event.data.person]
    evaluations = [each for each in theirs if isinstance(each, Evaluation)]
    messages = [each for each in theirs if isinstance(each, Message)]
    return [
        *evaluation.cancel(evaluations, evaluation.ERASED),
        *message.hold_back(messages, message.ERASED),
    ]


@ask_and_write_no_more.lookup
async def what_is_left_of_them(tx: Tx, events: Sequence[Event[PersonErased]]) -> Sequence[Any]:
    persons = [event.data.person for event in events]
    kinds: dict[str, Any] = {"evaluation": Evaluation, "message": Message}
    rows = await tx.fetch(_OF_PERSONS, persons)
    return [kinds[row["kind"]].model_validate(row["state"]) for row in rows]


keep_back_what_has_not_gone.lookup(known_courses)
