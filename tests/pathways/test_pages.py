"""Each pathway's page says what its file says."""

from __future__ import annotations

import pytest

from sluss.pathways.files import SHIPPED, read, shipped_file
from sluss.pathways.tables import PAGES, outdated, page_with, tables


def test_every_page_says_what_its_file_says() -> None:
    assert list(outdated()) == [], "run python -m sluss.pathways.tables"


def test_every_pathway_has_a_page_and_is_in_the_list() -> None:
    assert {path.stem for path in PAGES.glob("*.md")} == {"README", *SHIPPED}
    contents = (PAGES / "README.md").read_text()
    assert all(f"({name}.md)" in contents for name in SHIPPED)


@pytest.mark.parametrize(
    "row",
    [
        "| before the first meeting | a letter with a form about interests | by post |",
        "| before the first meeting | screening for social phobia"
        " | turn to: Psykosociala teamet på vårdcentralen |",
        "| meeting 1 | First meeting: network, interests, barriers, plan | 45 min, clinic or phone |",
        "| 56 days after the plan | follow-up 2, while goals are left | 30 min, phone |",
        "| 182 days after the plan | evaluation, closed or not"
        " | sent by somebody outside: `ons-direct`, `ons4` |",
        "| a provider has not answered | 7 days | the link worker asks, or finds something else |",
        "| baseline | `ons-direct`, `ons4` |",
        "- **The referrer hears** at acceptance, assignment, plan and closure.",
    ],
)
def test_the_tables_hold_steps_deadlines_and_instruments(row: str) -> None:
    assert row in tables(read(shipped_file("tillsammans-skarptorp"))).splitlines()


def test_another_file_makes_another_page() -> None:
    pathway = read(shipped_file("sar-umea"))
    slower = pathway.model_copy(update={"silence": pathway.silence.model_copy(update={"offer_answered": 99})})
    page = (PAGES / "sar-umea.md").read_text()
    assert page_with(page, tables(slower)) != page


def test_a_page_without_a_place_for_them_is_no_page() -> None:
    with pytest.raises(ValueError, match="no place"):
        page_with("# Nothing here", "| |")
