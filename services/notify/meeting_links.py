"""Links by which a person answers about a meeting: asked of the navigator, which alone can make them.

Asked when the message is about to leave, so that what has been cancelled or moved meanwhile is not sent; the
link is in the message alone, and in no event, no table and no log.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import uuid4

from services.notify.domain import message
from services.runtime.calls import Network
from services.runtime.decision import Transient
from sluss_contracts.command import Actor
from sluss_contracts.commands.meetings import ReadMeetingLink
from sluss_contracts.message import MessageAbout
from sluss_contracts.vocabulary import MessageTemplate, Role

OF_A_MEETING: Final = frozenset({MessageTemplate.MEETING_BOOKED, MessageTemplate.MEETING_REMINDER})
_NOTIFY: Final = Actor(id="notify", role=Role.SERVICE)
_TRY_LATER: Final = frozenset({"try_again", "internal_error"})
_HELD_BACK: Final = {
    "meeting_is_cancelled": message.NO_LONGER_TRUE,
    "meeting_already_recorded": message.TOO_LATE,
    "meeting_has_begun": message.TOO_LATE,
}


@dataclass(frozen=True, slots=True)
class MeetingLink:
    """What the navigator says: an address, that the message is not to go, or nothing just now. Where it makes
    no link (nobody has the case, say) the message goes without one."""

    address: str | None = None
    held_back: str | None = None
    later: bool = False


NO_LINK: Final = MeetingLink()


async def link_to_meeting(
    network: Network, referral_id: str, template: MessageTemplate, about: MessageAbout
) -> MeetingLink:
    """The link for a message, if it is of a meeting and may tell of it."""
    if template not in OF_A_MEETING or about.session is None or about.neutral:
        return NO_LINK
    question = ReadMeetingLink(
        command_id=uuid4(), actor=_NOTIFY, referral_id=referral_id, meeting_id=about.session
    )
    try:
        answer = await network.ask(question)
    except Transient:
        return MeetingLink(later=True)
    if answer.refused:
        code = answer.refused.code
        return MeetingLink(held_back=_HELD_BACK.get(code), later=code in _TRY_LATER)
    if datetime.fromisoformat(answer.result["starts"]) != about.starts:
        return MeetingLink(held_back=message.NO_LONGER_TRUE)  # another message tells of the new time
    return MeetingLink(address=answer.result["address"])
