"""What a recept says, in one language: the goal, what to do, the first time, where, and who meets. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from services.navigator.planning.reading import Activity, Time
from services.navigator.planning.recept_sheet import Part, Sheet
from services.navigator.planning.words import KINDS, called
from services.runtime.web import Language, mark
from sluss_contracts.offering import Venue
from sluss_contracts.plan import PrescriptionIssued

_ZONE: Final = ZoneInfo("Europe/Stockholm")
_FOOT: Final = mark("This is no emergency service. In danger call 112; for advice on health call 1177.")


def first_time(
    place: Mapping[str, Any] | None, times: list[Time], now: datetime
) -> tuple[datetime, timedelta | None] | None:
    """When to come first: as the provider said; else the next time there is."""
    said: datetime | None = place.get("starts") if place else None
    if said is not None:
        long = next((time.minutes for time in times if time.starts == said), None)
        return said, None if long is None else timedelta(minutes=long)
    coming = next((time for time in times if time.starts >= now), None)
    return (coming.starts, timedelta(minutes=coming.minutes)) if coming else None


def when(moment: datetime, lasts: timedelta | None, language: Language) -> str:
    """`tisdag 12 januari 2027, 14:00–15:30`."""
    starts = moment.astimezone(_ZONE)
    day = format_datetime(starts, "EEEE d MMMM y", locale=language.code)
    hours = f"{starts:%H:%M}" + (f"–{starts + lasts:%H:%M}" if lasts else "")
    return f"{day}, {hours}"


def where(venue: Venue | None) -> list[str]:
    """The place by name, then how one finds it."""
    if venue is None:
        return []
    town = " ".join(part for part in (venue.postal_code, venue.town) if part)
    street = ", ".join(part for part in (venue.street, town) if part)
    return [part for part in (venue.name, street) if part]


def sheet_of(
    recept: PrescriptionIssued,
    *,
    goal: str | None,
    activity: Activity | None,
    first: tuple[datetime, timedelta | None] | None,
    host: str | None,
    guide: str,
    address: str,
    language: Language,
) -> Sheet:
    """The sheet. `goal` is None for whoever may not read the person's words; `address` is the activity's page
    for everybody."""
    say = language.say
    kind = called(recept.kind.value, language, KINDS)
    subtitle = f"{kind} · {say(mark('to be tried'))}" if recept.trial else kind
    rows = []
    if activity is not None:
        rows.append(Part(say(mark("What to do")), [activity.title, activity.provider_name]))
    if recept.giver:
        rows.append(Part(say(mark("Your part")), [say(mark("You are the one who gives: a volunteer."))]))
    if first is not None:
        rows.append(Part(say(mark("The first time")), [when(*first, language)]))
    if activity is not None and (place := where(activity.venue)):
        rows.append(Part(say(mark("Where")), place))
    if host:
        rows.append(Part(say(mark("Somebody meets you")), [say(mark("%(host)s meets you."), host=host)]))
    rows.append(Part(say(mark("Your link worker")), [guide]))
    kept_for_guide = say(mark("It is what you said yourself; your link worker has the words."))
    return Sheet(
        language=language.code,
        title=say(mark("Recept")),
        subtitle=subtitle,
        goal=Part(say(mark("My goal")), [goal or kept_for_guide]),
        rows=rows,
        address=address if activity is not None else "",
        code_about=say(mark("More about it, with all its times:")),
        code_says=say(mark("A code that leads to the activity's page, %(address)s"), address=address),
        foot=[say(_FOOT)],
    )
