"""What is written to the person, in plain words that tell nobody else anything.

Nothing names the network, the clinic, the activity or a reason: somebody else may see the screen or open the
envelope. A person whose language has no texts here gets them in Swedish and English, one after the other.
The words themselves are in `texts/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from babel.dates import format_datetime

from services.notify.domain.hours import TIME_ZONE
from services.notify.texts import Text, Texts, languages
from sluss_contracts.message import MessageAbout
from sluss_contracts.vocabulary import MeetingMode, MessageTemplate, NoticeTemplate


@dataclass(frozen=True, slots=True)
class Letter:
    """A text, ready for any channel."""

    language: str
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class There:
    """Where a session is, as far as it is known and may be told."""

    place: str | None = None
    digital: bool = False
    """Whether one takes part, or may also take part, from where one is."""
    address: str | None = None
    """A page that tells more: how one gets there, or takes part digitally."""


NOWHERE = There()


def write(
    template: MessageTemplate,
    language: str,
    name: str | None,
    about: MessageAbout,
    worker: str | None,
    link: str | None = None,
    there: There = NOWHERE,
    *,
    to_guardian: bool = False,
) -> Letter:
    """One message. `name` is the person's, `worker` the name it is signed with; both may be unknown.

    `to_guardian`: somebody else reads it in the person's place, and is told so. `link` is the address of a
    one-time link, `there` where the session is. Raises `LookupError` for a template without words, or one
    that needs something that is not there.
    """
    known = languages()
    chosen = {language: known[language]} if language in known else known
    subjects = [_text_of(each, template, about).subject for each in chosen.values()]
    readers = [_greeting(each, name, to_guardian) for each in chosen.values()]
    bodies = [
        _body(each, template, reader, about, worker, link, there)
        for each, reader in zip(chosen.values(), readers, strict=True)
    ]
    return Letter(", ".join(chosen), " / ".join(subjects), "\n\n--\n\n".join(bodies))


def write_to_provider(template: NoticeTemplate, language: str, link: str, until: datetime) -> Letter:
    """One message to somebody at a provider, in their language or in all there are. Says neither who it is
    about nor which activity: it may be read by whoever holds the telephone. Raises `LookupError`."""
    known = languages()
    chosen = {language: known[language]} if language in known else known
    subjects = [each.notices[template].subject for each in chosen.values()]
    bodies = [
        each.notices[template].body.format(link=link, until=_day(until, each)) for each in chosen.values()
    ]
    return Letter(", ".join(chosen), " / ".join(subjects), "\n\n--\n\n".join(bodies))


def _day(at: datetime, texts: Texts) -> str:
    return str(format_datetime(at, "d MMMM", tzinfo=TIME_ZONE, locale=texts.locale))


def moment(at: datetime, texts: Texts) -> str:
    """A time as people say it, in their own time zone."""
    return str(format_datetime(at, texts.time, tzinfo=TIME_ZONE, locale=texts.locale))


def _text_of(texts: Texts, template: MessageTemplate, about: MessageAbout) -> Text:
    return texts.neutral if about.neutral else texts.templates[template]


def _greeting(texts: Texts, name: str | None, to_guardian: bool) -> list[str]:
    """Only the first name: the rest need not be on anybody's screen."""
    first = name.split()[0] if name and name.strip() else None
    if to_guardian:
        return [texts.hello_you, texts.in_place_of.format(name=first or texts.your_child)]
    return [texts.hello.format(name=first) if first else texts.hello_you]


def _body(
    texts: Texts,
    template: MessageTemplate,
    greeting: list[str],
    about: MessageAbout,
    worker: str | None,
    link: str | None,
    there: There,
) -> str:
    filled = {
        "where": texts.where[about.mode or MeetingMode.CLINIC],
        **dict.fromkeys(("at_time", "instead", "host_meets", "at_place"), ""),
        "answer": texts.by_link.format(link=link) if link else texts.by_word,
        "there": _there(texts, there, moved=about.elsewhere or False),
    }
    if about.starts:
        filled["when"] = moment(about.starts, texts)
        filled["at_time"] = texts.at_time.format(when=filled["when"])
        if about.was and about.was != about.starts:
            filled["instead"] = texts.instead.format(was=moment(about.was, texts))
    if there.place:
        filled["at_place"] = texts.at_place.format(place=there.place)
    if about.host:
        filled["host"] = about.host
        filled["host_meets"] = texts.host_meets.format(host=about.host)
    if link:
        filled["link"] = link
    body = _text_of(texts, template, about).body.format(**filled)
    parts = [*greeting, body]
    if worker and not about.neutral:
        parts.append(texts.signed.format(worker=worker))
    return "\n\n".join(parts)


def _there(texts: Texts, there: There, *, moved: bool) -> str:
    parts = []
    if there.place:
        parts.append((texts.new_place if moved else texts.place).format(place=there.place))
    if there.digital:
        parts.append(texts.also_digital if there.place else texts.digital)
    if there.address:
        way = texts.way_in if there.digital and not there.place else texts.way
        parts.append(way.format(address=there.address))
    return "".join(parts)
