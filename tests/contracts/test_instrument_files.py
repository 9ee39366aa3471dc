"""An organisation's own pack: read from a file, or sent back with line, field and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from sluss_contracts.instruments import built_in, pack_of, score
from sluss_contracts.instruments.format import Pack
from sluss_contracts.instruments.reading import NotAPack, load_pack, read_pack
from sluss_contracts.instruments.shelf import ScoringDiffers, must_score_alike

OWN = """\
instrument = "trivsel"
version = 1
source = "Made by Eken in 2026."
licence = "Free for anybody."
wording = "licensed"
languages = ["sv"]

[name]
sv = "Trivsel"
en = "Feeling at home"

[about]
sv = "Två frågor."
en = "Two questions."

[[options]]
value = 0
key = "no"
text = { sv = "Nej" }

[[options]]
value = 1
key = "yes"
text = { sv = "Ja" }

[[items]]
item = "at_home"
text = { sv = "Trivs du hemma?" }

[[items]]
item = "restless"
text = { sv = "Vill du flytta?" }
reversed = true

[[scales]]
scale = "total"
name = { sv = "Trivsel", en = "Feeling at home" }
rule = "sum"
items = ["at_home", "restless"]
lowest = 0
highest = 2
better = "higher"

[[scales.bands]]
lowest = 0
highest = 2
name = { sv = "allt", en = "all" }
"""


def complaints(text: str) -> list[tuple[int, str]]:
    with pytest.raises(NotAPack) as refused:
        read_pack(text, "own.toml")
    return [(problem.line, problem.field) for problem in refused.value.problems]


def line(text: str) -> int:
    return OWN.splitlines().index(text) + 1


def test_a_sound_file_is_a_pack_that_scores(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(OWN, encoding="utf-8")
    assert score(load_pack(file), {"at_home": 1, "restless": 0}) == {"total": 2}


def test_a_pack_travels_as_json_and_stays_the_same() -> None:
    for pack in built_in():
        assert Pack.model_validate_json(pack.model_dump_json()) == pack


@pytest.mark.parametrize(
    ("right", "wrong", "where"),
    [
        ('key = "yes"', 'key = "no"', [("[[options]]", "options")]),
        ("reversed = true", "reversed = true\ncounts = [7]", None),
        ("version = 1", "version = 0", [("version = 1", "version")]),
        ('rule = "sum"', 'rule = "mean"', [('rule = "sum"', "scales.0.rule")]),
        ('rule = "sum"', 'rule = "none"', [('rule = "sum"', "scales.0.rule")]),
        ("highest = 2\nbetter", "highest = 3\nbetter", None),
        (
            'items = ["at_home", "restless"]',
            'items = ["at_home", "calm"]',
            [('items = ["at_home", "restless"]', "scales.0.items")],
        ),
        (
            'text = { sv = "Vill du flytta?" }',
            'text = { en = "Do you want to move?" }',
            [('text = { sv = "Vill du flytta?" }', "items.1.text")],
        ),
        ('wording = "licensed"', 'wording = "keys"', None),
        ('licence = "Free for anybody."', 'licens = "Free"', None),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_field(
    right: str, wrong: str, where: list[tuple[str, str]] | None
) -> None:
    assert right in OWN
    found = complaints(OWN.replace(right, wrong, 1))
    assert found
    if where:
        assert found == [(line(text), field) for text, field in where]


def test_every_fault_is_told_at_once_and_a_missing_field_leads_to_its_table() -> None:
    text = OWN.replace('better = "higher"\n', "").replace('source = "Made by Eken in 2026."\n', "")
    assert complaints(text) == [(1, "source"), (line("[[scales]]") - 1, "scales.0.better")]


def test_the_message_names_file_line_field_and_remedy() -> None:
    with pytest.raises(NotAPack, match=r"own\.toml:2: version: Give 1 or more\."):
        read_pack(OWN.replace("version = 1", "version = 0"), "own.toml")


def test_bands_cover_the_whole_scale_without_gap_or_overlap() -> None:
    short = OWN.replace("lowest = 0\nhighest = 2\nname", "lowest = 0\nhighest = 1\nname")
    assert complaints(short) == [(line("[[scales.bands]]"), "scales.0.bands")]


def test_a_file_that_is_no_toml_is_sent_back_with_the_line() -> None:
    assert complaints(OWN.replace("version = 1", "version = = 1")) == [(2, "")]
    assert complaints('instrument = "a') == [(1, "")]


def test_a_file_that_is_not_utf_8_or_far_too_large_is_sent_back(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_bytes(OWN.encode("latin-1"))
    with pytest.raises(NotAPack, match=r"own\.toml:13: save the file as UTF-8"):
        load_pack(file)
    file.write_text("#" * 1_000_001)
    with pytest.raises(NotAPack, match="at most 1,000,000 bytes"):
        load_pack(file)


def test_an_organisation_may_add_the_wording_it_is_licensed_to_and_nothing_else() -> None:
    shipped = pack_of("ucla-3")
    texts = tuple(item.model_copy(update={"text": {"sv": f"Fråga {item.item}"}}) for item in shipped.items)
    worded = shipped.model_copy(update={"items": texts, "languages": ("sv",), "wording": "licensed"})
    must_score_alike(worded)
    assert pack_of("ucla-3", 1, [worded]).items[0].text == {"sv": "Fråga lack_companionship"}
    first = shipped.items[0].model_copy(update={"reversed": True})
    with pytest.raises(ScoringDiffers, match="as version 2"):
        must_score_alike(shipped.model_copy(update={"items": (first, *shipped.items[1:])}))
    must_score_alike(read_pack(OWN, "own.toml"))


def test_the_newest_version_is_the_one_that_is_meant() -> None:
    own = read_pack(OWN, "own.toml")
    newer = own.model_copy(update={"version": 2})
    assert pack_of("trivsel", None, [newer, own]) is newer
    assert pack_of("trivsel", 1, [newer, own]) is own
