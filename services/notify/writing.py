"""From a reason to write to a message in the queue: what every handler that writes to a person shares."""

from __future__ import annotations

from services.notify.domain import feedback, message
from services.notify.domain.course import Course
from services.notify.registry import FEEDBACK, MESSAGE
from services.runtime.service import Ctx, Held
from sluss_contracts.event import Fact
from sluss_contracts.message import MessageAbout
from sluss_contracts.vocabulary import MessageTemplate


def write(
    held: Held | None, ctx: Ctx, course: Course, template: MessageTemplate, cause: str, about: MessageAbout
) -> list[Fact]:
    """A message for the person, signed by who guides them; or one that is held back, with the reason.

    `held` is None where what is held under the referral is not at hand (an activity's news): whoever takes
    part there has an open case, and the cause is new.
    """
    messages = held.all(MESSAGE) if held else {}
    invites = template is MessageTemplate.INVITATION
    signed = about.worker or course.worker or message.worker_of(messages)
    return message.queue(
        messages,
        template,
        referral_id=course.referral_id,
        person=course.person,
        cause=cause,
        about=about.model_copy(
            update={
                "worker": signed,
                "neutral": course.protected,
                "by_letter": course.protected or (invites and course.pathway.preparation.letter),
            }
        ),
        new_id=ctx.new_id(),
        closed=feedback.case_is_closed(held.all(FEEDBACK)) if held else False,
        held_back=message.why_not(
            template,
            course.pathway,
            protected=course.protected,
            paused=course.paused_until is not None and course.paused_until > ctx.now,
        ),
    )
