"""Where something stands in a TOML file, found again in what `tomllib` has taken."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sluss_contracts.toml_lines import Place, broken_at, line_of, lines_of

CHECKOUT = Path(__file__).parents[2]
FILES = sorted(
    path
    for folder in ("contracts", "pathways", "services", "sluss")
    for path in (CHECKOUT / folder).rglob("*.toml")
)


def within(document: Any, place: Place = ()) -> Iterator[Place]:
    """Every place in a document."""
    yield place
    if isinstance(document, dict):
        for key, value in document.items():
            yield from within(value, (*place, key))
    elif isinstance(document, list):
        for number, value in enumerate(document):
            yield from within(value, (*place, number))


def placed(text: str) -> dict[Place, int]:
    """The lines of a text, which must be those of all that is in it and of nothing else."""
    lines = lines_of(text)
    assert lines.keys() == set(within(tomllib.loads(text)))
    return lines


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(CHECKOUT)))
def test_everything_in_a_file_is_found_where_it_is_written(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    document, written = tomllib.loads(text), text.split("\n")
    for place, line in placed(text).items():
        value: Any = document
        for part in place:
            value = value[part]
        if place and isinstance(place[-1], str):
            assert place[-1] in written[line - 1]
        elif isinstance(value, str) and "\\" not in written[line - 1]:
            assert value.partition("\n")[0] in written[line - 1]


def test_a_list_of_tables_goes_on_where_its_name_comes_again() -> None:
    lines = placed("[[l]]\n[[l.m]]\nk.z = 2\n[l.n]\n[[l]]\n[[l.m]]\n[[l.m]]\nk = 1\n")
    assert (lines["l",], lines["l", 0], lines["l", 1]) == (1, 1, 5)
    assert (lines["l", 0, "m", 0], lines["l", 0, "m", 0, "k", "z"], lines["l", 0, "n"]) == (2, 3, 4)
    assert (lines["l", 1, "m", 0], lines["l", 1, "m", 1], lines["l", 1, "m", 1, "k"]) == (6, 7, 8)


def test_what_stands_inside_a_list_or_an_inline_table_has_a_line_of_its_own() -> None:
    lines = placed('a = [\n  1, # ]\n  [2,\n   3],\n  { b = [ # {\n    "]", ] },\n]\nc = 4\n')
    assert [lines["a", n] for n in range(3)] == [2, 3, 5]
    assert (lines["a", 1, 1], lines["a", 2, "b", 0], lines["c",]) == (4, 6, 8)


@pytest.mark.parametrize(
    "value",
    [
        '"""\n[no]\nb = 1\n"""',
        "'''\n[no]\nb = 1'''''",
        '"""\\\n  a \\"""\n"""""',
        '"\\"#[" # "',
        "'\\'",
        '""',
        '""""""',
        "1_000.5e-3",
        "1979-05-27 07:32:00.5Z",
        "true",
    ],
)
def test_no_value_is_taken_for_something_else(value: str) -> None:
    lines = placed(f"a = {value}\nb = 2\n")
    assert lines["b",] == value.count("\n") + 2


def test_keys_are_known_by_what_they_mean_however_they_are_written() -> None:
    lines = placed("""[ t . "u v" ]\n'q"r' = 1\n"\\u00e5\\n]" . b = 2\r\n3.4 = 5""")
    assert lines == {
        (): 1,
        ("t",): 1,
        ("t", "u v"): 1,
        ("t", "u v", 'q"r'): 2,
        ("t", "u v", "å\n]"): 3,
        ("t", "u v", "å\n]", "b"): 3,
        ("t", "u v", "3"): 4,
        ("t", "u v", "3", "4"): 4,
    }


def test_lines_are_counted_as_editors_count_them() -> None:
    assert placed("a = '\u2028\x85'\nb = 1\n")["b",] == 2


def test_what_is_not_there_leads_to_what_should_hold_it() -> None:
    lines = placed("[a]\nb = 1\n\n[c]\n")
    assert [line_of(lines, place) for place in (("c", "d"), ("a", "b", 0), ("e",), ())] == [4, 2, 1, 1]


@pytest.mark.parametrize(
    ("text", "line"), [("a = 1\nb = = 2\n", 2), ('a = 1\nb = "', 2), ("a = 1\na = 2\n", 2), ("[a", 1)]
)
def test_what_is_no_toml_is_told_with_its_line_and_without_its_place(text: str, line: int) -> None:
    with pytest.raises(tomllib.TOMLDecodeError) as caught:
        tomllib.loads(text)
    found, what = broken_at(caught.value, text)
    assert found == line
    assert what
    assert "(at" not in what
