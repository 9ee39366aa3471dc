"""What something costs, as one would say it: the same words wherever a price is told."""

from __future__ import annotations

from services.runtime.languages import Language, mark
from sluss_contracts.offering import Cost, Per

_SAID = {
    Per.TIME: mark("%(kronor)s kr each time"),
    Per.MONTH: mark("%(kronor)s kr a month"),
    Per.TERM: mark("%(kronor)s kr a term"),
    Per.YEAR: mark("%(kronor)s kr a year"),
    Per.WHOLE: mark("%(kronor)s kr for all of it"),
}


def cost_in_words(cost: Cost, language: Language) -> str:
    """`50 kr per termin`, or that it is free of charge, without what the provider adds (`note`)."""
    if cost.free:
        return language.say(mark("Free of charge"))
    return language.say(_SAID[cost.per], kronor=f"{cost.kronor:,}".replace(",", "\N{NO-BREAK SPACE}"))
