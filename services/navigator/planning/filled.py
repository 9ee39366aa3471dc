"""What somebody has filled in: kept as it was written, read field by field, with every fault told at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from fastapi import Request

from services.runtime.web import mark
from services.runtime.web.forms import SentForm, read_form
from services.runtime.web.refusals import SHARED, UNCLEAR
from services.runtime.web.sending import NotDone
from services.runtime.web.site import FORM_ID, SEQUENCE
from sluss_contracts.command import Refused

BEFORE: Final = 0
"""The sequence of whoever has seen nothing of the case: what they send is first shown beside what stands."""
LONGEST: Final = 4000
"""Signs that a text in somebody's own words may have."""

NEEDED: Final = mark("This is needed.")
CHOOSE: Final = mark("Choose one of these.")
TOO_LONG: Final = mark("This is too long. Shorten it.")
NO_NUMBER: Final = mark("Write a whole number.")
OUT_OF_RANGE: Final = mark("The number is too small or too large.")


class Filled(SentForm):
    """A form's fields, and what is wrong with them. Reading a field in a wrong form records the fault."""

    def __init__(self, given: Mapping[str, Sequence[str]] | None = None) -> None:
        super().__init__(
            {name: tuple(typed(each) for each in values) for name, values in (given or {}).items()}
        )
        self.faults: dict[str, str] = {}

    def has(self, name: str, value: str = "yes") -> bool:
        """Whether a box is ticked."""
        return value in self.get(name, ())

    def after(self, beginning: str) -> list[str]:
        """The rest of the names of the fields that begin like this, in the order in which they were sent."""
        return [name.removeprefix(beginning) for name in self if name.startswith(beginning)]

    def fault(self, name: str, what: str) -> None:
        """Something is wrong with a field; the first thing said of it stays."""
        self.faults.setdefault(name, what)

    def text(self, name: str, *, needed: bool = False, longest: int = LONGEST) -> str | None:
        """Somebody's own words, or None where there are none."""
        said = self.one(name)
        if needed and not said:
            self.fault(name, NEEDED)
        if len(said) > longest:
            self.fault(name, TOO_LONG)
        return said or None

    def choice(self, name: str, of: Iterable[Any], *, needed: bool = False) -> str | None:
        """One of some codes, or None."""
        said = self.one(name)
        if not said:
            if needed:
                self.fault(name, CHOOSE)
            return None
        if said not in {str(each) for each in of}:
            self.fault(name, CHOOSE)
            return None
        return said

    def choices(self, name: str, of: Iterable[Any]) -> tuple[str, ...]:
        """Those of some codes that are ticked. What is none of them was not on the page, and is left out."""
        offered = {str(each) for each in of}
        return tuple(dict.fromkeys(each for each in self.all(name) if each in offered))

    def number(self, name: str, least: int, most: int, *, needed: bool = False) -> int | None:
        """A whole number within bounds, or None."""
        said = self.one(name).replace(" ", "").replace("\N{NO-BREAK SPACE}", "")
        if not said:
            if needed:
                self.fault(name, NEEDED)
            return None
        if not said.isascii() or not said.isdecimal() or len(said) > 9:
            self.fault(name, NO_NUMBER)
            return None
        if not least <= int(said) <= most:
            self.fault(name, OUT_OF_RANGE)
            return None
        return int(said)

    def must_be_clear(self, of: str = "") -> None:
        """Raises `NotDone` with every fault, so that a page shows them as it shows what a service refuses.
        `of` names the one among several forms of a page whose fields these are."""
        if self.faults:
            named = {f"{name}-{of}" if of else name: what for name, what in self.faults.items()}
            seen = self.one(SEQUENCE)
            sequence = int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 10 else None
            raise NotDone(Refused(code=UNCLEAR, message=""), SHARED[UNCLEAR], sequence, named)

    def looked_at(self, sequence: int) -> Filled:
        """The same, sent by somebody who has seen the case as it is now."""
        return Filled({**self, SEQUENCE: (str(sequence),), FORM_ID: self.get(FORM_ID, ())})


async def filled_in(request: Request) -> Filled:
    """What was sent with this request."""
    return Filled(await read_form(request))


def typed(text: str) -> str:
    """The text without what no keyboard types: no database keeps a NUL, and no printer has the rest."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(sign for sign in text if sign.isprintable() or sign in "\n\t")
