"""What is written to the person, in plain words that tell nobody else anything.

Nothing names the network, the clinic, the activity or a reason: somebody else may see the screen or open the
envelope. A person whose language has no texts here gets them in Swedish and English, one after the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from sluss_contracts.message import MessageAbout
from sluss_contracts.vocabulary import MeetingMode, MessageTemplate

TIME_ZONE = ZoneInfo("Europe/Stockholm")
"""People read times where they live; the network runs in UTC."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A text, ready for any channel."""

    language: str
    subject: str
    body: str


_TIME = {"sv": "EEEE d MMMM 'kl.' HH:mm", "en": "EEEE d MMMM 'at' HH:mm"}
_JOINED = {"sv": "sv", "en": "en_GB"}
_HELLO = {"sv": "Hej {name}!", "en": "Hello {name}!"}
_HELLO_YOU = {"sv": "Hej!", "en": "Hello!"}
_SIGNED = {"sv": "Vänliga hälsningar\n{worker}", "en": "Kind regards\n{worker}"}
_WHERE = {
    "sv": {
        MeetingMode.CLINIC: "där vi kom överens om",
        MeetingMode.HOME: "hemma hos dig",
        MeetingMode.PHONE: "på telefon; jag ringer dig",
        MeetingMode.VIDEO: "via video",
        MeetingMode.WALK: "för en promenad",
    },
    "en": {
        MeetingMode.CLINIC: "where we agreed",
        MeetingMode.HOME: "at your home",
        MeetingMode.PHONE: "by phone; I will call you",
        MeetingMode.VIDEO: "by video",
        MeetingMode.WALK: "for a walk",
    },
}
_SUBJECT = {
    "sv": {
        MessageTemplate.INVITATION: "Jag hör av mig",
        MessageTemplate.MEETING_BOOKED: "Tiden vi kom överens om",
        MessageTemplate.ACTIVITY_CONFIRMED: "Du är välkommen",
        MessageTemplate.FOLLOW_UP: "Hur går det?",
    },
    "en": {
        MessageTemplate.INVITATION: "I will be in touch",
        MessageTemplate.MEETING_BOOKED: "The time we agreed on",
        MessageTemplate.ACTIVITY_CONFIRMED: "You are welcome",
        MessageTemplate.FOLLOW_UP: "How are you getting on?",
    },
}
_BODY = {
    "sv": {
        MessageTemplate.INVITATION: (
            "Jag hör av mig till dig de närmaste dagarna, så bestämmer vi tillsammans när och hur vi ska "
            "prata. Du behöver inte göra något nu."
        ),
        MessageTemplate.MEETING_BOOKED: (
            "Vi ses {when} {where}. Hör av dig till mig om tiden inte passar längre."
        ),
        MessageTemplate.ACTIVITY_CONFIRMED: "Du är välkommen{when_if_known}.{host_if_known}",
        MessageTemplate.FOLLOW_UP: ("Jag undrar hur du har det och hör av mig till dig de närmaste dagarna."),
    },
    "en": {
        MessageTemplate.INVITATION: (
            "I will be in touch in the next few days, and we will decide together when and how to talk. "
            "You do not need to do anything now."
        ),
        MessageTemplate.MEETING_BOOKED: (
            "We will meet {when} {where}. Please let me know if the time no longer suits you."
        ),
        MessageTemplate.ACTIVITY_CONFIRMED: "You are welcome to come{when_if_known}.{host_if_known}",
        MessageTemplate.FOLLOW_UP: (
            "I wonder how you are getting on, and will be in touch in the next few days."
        ),
    },
}
_HOST = {"sv": " {host} tar emot dig när du kommer.", "en": " {host} will meet you when you arrive."}


def write(
    template: MessageTemplate, language: str, name: str | None, about: MessageAbout, worker: str | None
) -> Letter:
    """One message. `name` is the person's, `worker` the name it is signed with; both may be unknown."""
    if language in _TIME:
        return Letter(language, _SUBJECT[language][template], _text(template, language, name, about, worker))
    both = [_text(template, each, name, about, worker) for each in _TIME]
    subject = " / ".join(_SUBJECT[each][template] for each in _TIME)
    return Letter("sv, en", subject, "\n\n--\n\n".join(both))


def moment(at: datetime, language: str) -> str:
    """A time as people say it, in their own time zone."""
    return str(format_datetime(at, _TIME[language], tzinfo=TIME_ZONE, locale=_JOINED[language]))


def _text(
    template: MessageTemplate, language: str, name: str | None, about: MessageAbout, worker: str | None
) -> str:
    when = moment(about.starts, language) if about.starts else ""
    body = _BODY[language][template].format(
        when=when,
        where=_WHERE[language][about.mode or MeetingMode.CLINIC],
        when_if_known=f" {when}" if when else "",
        host_if_known=_HOST[language].format(host=about.host) if about.host else "",
    )
    # Only the first name: the rest need not be on anybody's screen.
    hello = _HELLO[language].format(name=name.split()[0]) if name and name.strip() else _HELLO_YOU[language]
    parts = [hello, body]
    if worker:
        parts.append(_SIGNED[language].format(worker=worker))
    return "\n\n".join(parts)
