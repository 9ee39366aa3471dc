"""Files to and from outside: what is wrong is told with its line, and nothing is guessed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from sluss.outside_files import FaultyFile, answers_in, points_in, written_for_distributor

ROWS = [{"export_id": "a1", "instruments": ["ons-direct", "ucla-3"], "due": "2026-08-29"}]
ASKS = [
    {"instrument": "ons-direct", "version": 1, "items": ["lonely"]},
    {"instrument": "ucla-3", "version": 1, "items": ["lack_companionship", "left_out", "isolated"]},
]


def file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "answers.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_what_is_handed_out_can_be_filled_in_and_given_back(tmp_path: Path) -> None:
    text = written_for_distributor(ROWS, ASKS)
    head, direct, three = text.splitlines()
    assert head == "export_id,instrument,version,due,lonely,lack_companionship,left_out,isolated"
    assert direct == "a1,ons-direct,1,2026-08-29,,,,"
    filled = "\n".join([head, direct, three.replace(",,,", ",,2,", 1)])
    (answer,) = answers_in(file(tmp_path, filled))
    assert (answer.line, answer.export_id, answer.instrument, answer.version) == (3, "a1", "ucla-3", "1")
    assert {item: cell for item, cell in answer.answers.items() if cell} == {"lack_companionship": "2"}


def test_a_spreadsheet_may_write_semicolons_and_a_mark_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "excel.csv"
    path.write_bytes(b"\xef\xbb\xbfexport_id;instrument;version;lonely\r\na1;ons-direct;1;3\r\n\r\n")
    assert [answer.answers for answer in answers_in(path)] == [{"lonely": "3"}]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ":1: there is no column export_id, instrument, version"),
        ("export_id,instrument,lonely\n", ":1: there is no column version"),
        ("export_id,instrument,version,x,x\n", ":1: two columns have the same name"),
        ("export_id,instrument,version,lonely\na1,ons-direct,1\n", ":2: it has 3 columns"),
        (f"export_id,instrument,version,lonely\na1,ons-direct,1,{'9' * 201}\n", ":2: lonely holds more than"),
    ],
)
def test_a_file_that_is_no_such_file_is_told_where(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(FaultyFile) as fault:
        answers_in(file(tmp_path, text))
    assert told in str(fault.value)


def test_a_series_has_periods_and_two_numbers(tmp_path: Path) -> None:
    text = "starts;ends;here;comparison\n2026-01-01;2026-03-31;10,5;12\n"
    (point,) = points_in(file(tmp_path, text))
    assert (point.starts, point.ends) == (date(2026, 1, 1), date(2026, 3, 31))
    assert (point.here, point.comparison) == (10.5, 12.0)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("january,march,1,2", ":2: starts or ends is no date"),
        ("2026-01-01,2026-03-31,many,2", ":2: here is no number"),
        ("2026-01-01,2026-03-31,1,-2", ":2: comparison is no number"),
        ("2026-01-01,2026-03-31,inf,2", ":2: here is no number"),
        ("", ":1: there is no period in it"),
    ],
)
def test_a_faulty_period_is_told_where(tmp_path: Path, line: str, told: str) -> None:
    with pytest.raises(FaultyFile) as fault:
        points_in(file(tmp_path, f"starts,ends,here,comparison\n{line}\n"))
    assert told in str(fault.value)
