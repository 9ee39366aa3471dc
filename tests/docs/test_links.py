"""Documents lead where they say they lead."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sluss.commands import COMMANDS

ROOT = Path(__file__).parents[2]
DECISIONS = ROOT / "docs" / "decisions"
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def links(document: Path) -> list[str]:
    """What a document links to or shows, without addresses on the web and places on its own page."""
    targets = re.findall(r'(?:\]\(|<img src=")([^)"\s]+)', document.read_text(encoding="utf-8"))
    return [target.partition("#")[0] for target in targets if not re.match(r"[a-z]+:|#", target)]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_to_a_file(document: Path) -> None:
    assert [target for target in links(document) if not (document.parent / target).exists()] == []


def test_links_are_found_at_all() -> None:
    assert {"docs/decisions/README.md", "docs/pictures/first-page.png"} <= set(links(ROOT / "README.md"))


def test_every_command_has_its_place_in_the_operators_list() -> None:
    told = (ROOT / "docs" / "operators" / "command-line.md").read_text(encoding="utf-8")
    assert set(re.findall(r"`sluss ([a-z]+)", told)) == set(COMMANDS)


def test_every_decision_is_in_the_index_under_its_own_title() -> None:
    index = (DECISIONS / "README.md").read_text(encoding="utf-8")
    for record in sorted(DECISIONS.glob("0*.md")):
        title = record.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
        assert f"[{title}]({record.name})" in index
