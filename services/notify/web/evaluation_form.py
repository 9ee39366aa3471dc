"""From what was filled in to the answers of each instrument, with every fault told at once. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from services.notify.web.asked import Part
from services.runtime.web import mark
from services.runtime.web.forms import SentForm
from sluss_contracts.commands.notify import InstrumentAnswered
from sluss_contracts.instruments import Pack, score

UNANSWERED: Final = "none"
"""The answer that says that there is none."""
FROM: Final = "version-"
"""What the names of the fields begin with that say which version of an instrument was shown."""
CHOOSE: Final = mark("Choose an answer, or that you would rather not say.")
NOTHING: Final = mark("Everything is left out. Choose at least one answer, or just close the page.")


@dataclass(frozen=True, slots=True)
class Read:
    """What was answered, and what is wrong."""

    answers: Sequence[InstrumentAnswered] = ()
    faults: dict[str, str] = field(default_factory=dict)
    """By field."""
    uncounted: bool = False
    """Whether so much is left out of an instrument that something in it cannot be counted."""


def field_of(instrument: str, item: str) -> str:
    """The name of a question's field."""
    return f"item-{instrument}-{item}"


def as_shown(packs: Sequence[Pack], form: SentForm) -> bool:
    """Whether these are the versions that whoever sent the form was shown."""
    return all(form.one(FROM + pack.instrument) == str(pack.version) for pack in packs)


def carried(parts: Sequence[Part], form: SentForm) -> SentForm:
    """What was chosen of these, as it is sent along where nothing is answered yet."""
    packs = [part.pack for part in parts]
    names = [FROM + pack.instrument for pack in packs]
    names += [field_of(pack.instrument, item.item) for pack in packs for item in pack.items]
    said = {name: form.one(name) for name in names}
    return SentForm({name: (value,) for name, value in said.items() if value})


def read(parts: Sequence[Part], form: SentForm) -> Read:
    """Every question is answered or said to be left out; an instrument that is left out whole is not
    answered, so that it can still be asked in another way."""
    faults: dict[str, str] = {}
    answers = []
    uncounted = False
    for part in parts:
        given = _given(part.pack, form, faults)
        if any(value is not None for value in given.values()):
            pack = part.pack
            uncounted = uncounted or any(each is None for each in score(pack, given).values())
            answers.append(
                InstrumentAnswered(instrument=pack.instrument, version=pack.version, answers=given)
            )
    if not faults and not answers:
        first = parts[0].pack
        faults[field_of(first.instrument, first.items[0].item)] = NOTHING
    return Read(answers, faults, uncounted)


def _given(pack: Pack, form: SentForm, faults: dict[str, str]) -> dict[str, int | None]:
    given: dict[str, int | None] = {}
    for item in pack.items:
        name = field_of(pack.instrument, item.item)
        said = form.one(name)
        allowed = {str(value): value for value in pack.values_of(item)}
        if said not in allowed and said != UNANSWERED:
            faults[name] = CHOOSE
        else:
            given[item.item] = allowed.get(said)
    return given
