"""Everything that was asked for has a test that shows it, or says what it waits for."""

from __future__ import annotations

import pytest

from sluss_contracts.event import Fact
from tests.architecture.traceability import INVARIANTS, PAGE, ROWS, asked, events, every_test, page, shown_by

LATER = {"the catalogue", "the link worker's pages", "the operators' console"}
"""The capabilities that are still to come, as the file may name them."""


def test_every_row_and_every_invariant_is_there_and_no_other() -> None:
    assert set(asked()["row"]) == {str(number) for number in ROWS}
    assert set(asked()["invariant"]) == set(INVARIANTS)


@pytest.mark.parametrize(
    "name", [*(("row", str(number)) for number in ROWS), *(("invariant", i) for i in INVARIANTS)]
)
def test_what_is_asked_is_shown_or_waits(name: tuple[str, str]) -> None:
    entry = asked()[name[0]][name[1]]
    assert entry.get("tests") or entry.get("waits_for") in LATER
    assert set(entry.get("tests", [])) <= set(every_test())


@pytest.mark.parametrize("fact", list(events()), ids=lambda fact: f"{fact.NOUN}.{fact.FACT}")
def test_an_event_is_shown(fact: type[Fact]) -> None:
    assert shown_by(fact)
    assert set(shown_by(fact)) <= set(every_test())


def test_the_page_is_what_the_file_makes_of_it() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run make schemas"
