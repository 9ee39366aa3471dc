"""Seeing one masked place of one dead letter: for a reason that is written down, for a quarter of an hour.

Whoever it is about has it in their access log first; without the vault's answer nothing is shown. The row
that says so in `operator_action` is what lets its operator see the place, and until when.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from services.runtime.deadletters import DeadLetter
from services.runtime.decision import Refusal
from services.runtime.tending.corrections import fact_of
from services.runtime.tending.errands import Unmask
from services.runtime.tending.places import WHOLE, NothingThere, at, data_of, fields_of
from sluss_contracts.commands.looking import ReadMasked
from sluss_contracts.event import DataClass, Fact
from sluss_contracts.vocabulary import Key

LASTS: Final = timedelta(minutes=15)
_KEY: Final[TypeAdapter[str]] = TypeAdapter(Key)
_NO_PLACE: Final = re.compile(r"[^a-z0-9_.\[\]]")
_SEEN: Final = """
select outcome->>'place' as place, (outcome->>'until')::timestamptz as until from {service}.operator_action
where action = 'unmask' and actor = $1 and letters = array[$2::bigint]
  and (outcome->>'until')::timestamptz > now() order by number
"""


class NotWrittenDown(Refusal):
    """The vault did not write it into the person's access log, so it is not shown; try again in a moment."""

    code = "not_written_down"


class SeveralFields(Refusal):
    """Several fields stand within this place; ask for one of them."""

    code = "several_fields"


class TimeIsUp(Refusal):
    """The quarter of an hour is over; ask anew, with a reason."""

    code = "time_is_up"


def value_at(letter: DeadLetter, place: str) -> Any:
    """What stands at a place of its data; all its bytes as text only where there are no data to look into.

    Raises `NothingThere`, or `SeveralFields`.
    """
    data = data_of(letter.body)
    if place != WHOLE:
        value = at(data, place)
        if [*fields_of(value, place)] != [place]:
            raise SeveralFields
        return value
    if data is not None:
        raise NothingThere("it has data: say which field")
    return letter.body.decode(errors="backslashreplace")


def question(letter: DeadLetter, facts: Mapping[str, type[Fact]], errand: Unmask) -> ReadMasked | None:
    """What the vault is to write down; None where it is about nobody, or nobody can tell about whom."""
    fact = fact_of(letter, facts)
    if fact is not None and fact.DATA_CLASS is DataClass.PUBLIC:
        return None
    data = data_of(letter.body) or {}
    referral = _key(data.get("referral_id")) or _key(letter.key)
    person = _key(data.get("person"))
    if referral is None and person is None:
        return None
    place = _NO_PLACE.sub("_", errand.place.lower()) or "_"
    return ReadMasked(
        command_id=errand.id,
        actor=errand.actor,
        referral_id=referral,
        person=person,
        fields=(place,),
        purpose=errand.purpose,
    )


async def visible(
    connection: Any, service: str, letter: DeadLetter, actor: str
) -> dict[str, tuple[Any, datetime]]:
    """What of it this operator may see now: place, value, and how long. `connection` may read the service's
    tables; whatever role it has."""
    rows: Sequence[Any] = await connection.fetch(_SEEN.format(service=service), actor, letter.number)
    return {row["place"]: (value_at(letter, row["place"]), row["until"]) for row in rows}


def _key(value: Any) -> str | None:
    try:
        return _KEY.validate_python(value)
    except ValidationError:
        return None
