"""Cells as people write them, in Swedish and in English."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.provider.sheet import cells, words
from services.provider.sheet.cells import Unclear
from services.provider.sheet.columns import COLUMNS, named
from sluss_contracts.offering import ActivityCategory, Cost, Interest, Per
from sluss_contracts.vocabulary import Need

TODAY = date(2026, 11, 29)


@pytest.mark.parametrize(
    "text",
    [
        *("2027-01-12", "20270112", "2027/01/12", "2027.01.12", "2027-01-12 00:00:00"),
        *("12/1 2027", "12/1-2027", "12.1.2027", "12-1-2027", "12/01/2027", "12/1"),
        *("12 januari 2027", "12 jan 2027", "12 jan. 2027", "den 12 januari 2027", "tisdag 12 januari 2027"),
        *("Tisdagen den 12 januari", "12 January 2027"),
    ],
)
def test_a_day_is_read_however_it_is_written(text: str) -> None:
    assert cells.day(text, TODAY) == date(2027, 1, 12)


@pytest.mark.parametrize(
    "text", ["", "31/2 2027", "2027-13-01", "snart", "12", "1/2/3/4", "0/0 2027", "12 juvember"]
)
def test_what_is_no_day_is_told(text: str) -> None:
    with pytest.raises(Unclear, match="12/1 2027"):
        cells.day(text, TODAY)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("14.00–15.30", ("14:00", 90)),
        ("14:00-15:30", ("14:00", 90)),
        ("kl 14-16", ("14:00", 120)),
        ("kl. 9.30 – 11", ("09:30", 90)),
        ("18.15 till 20", ("18:15", 105)),
        ("14", ("14:00", None)),
        ("09:00:00", ("09:00", None)),
    ],
)
def test_a_time_is_read(text: str, found: Any) -> None:
    assert cells.hours(text) == found


@pytest.mark.parametrize("text", ["efter lunch", "25.00", "14.75", "16-14", "14-14.02", ""])
def test_what_is_no_time_is_told(text: str) -> None:
    with pytest.raises(Unclear):
        cells.hours(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("tisdagar", (("TU",), 1)),
        ("Tisdagar och torsdagar", (("TU", "TH"), 1)),
        ("tis, tors", (("TU", "TH"), 1)),
        ("mån–fre", (("MO", "TU", "WE", "TH", "FR"), 1)),
        ("varje onsdag", (("WE",), 1)),
        ("varannan onsdag", (("WE",), 2)),
        ("vardagar", (("MO", "TU", "WE", "TH", "FR"), 1)),
        ("alla dagar", (("MO", "TU", "WE", "TH", "FR", "SA", "SU"), 1)),
        ("Mondays and Fridays", (("MO", "FR"), 1)),
    ],
)
def test_weekdays_are_read(text: str, found: Any) -> None:
    assert cells.weekdays(text) == found


@pytest.mark.parametrize(
    ("text", "cost"),
    [
        ("gratis", Cost(kronor=0)),
        ("0", Cost(kronor=0)),
        ("50", Cost(kronor=50)),
        ("50 kr", Cost(kronor=50)),
        ("50:-", Cost(kronor=50)),
        ("50,00 kr", Cost(kronor=50)),
        ("50 kr/gång", Cost(kronor=50, per=Per.TIME)),
        ("450 kr per termin", Cost(kronor=450, per=Per.TERM)),
        ("1 250 kr om året", Cost(kronor=1250, per=Per.YEAR)),
        ("100 kr i månaden", Cost(kronor=100, per=Per.MONTH)),
    ],
)
def test_a_price_is_read(text: str, cost: Cost) -> None:
    assert cells.price(text) == cost


@pytest.mark.parametrize("text", ["frivilligt", "50 kr per kaka", "-5", "49,50", "9999999", "50 eller 60"])
def test_what_is_no_price_is_told(text: str) -> None:
    with pytest.raises(Unclear):
        cells.price(text)


def test_words_of_ours_are_known_by_what_the_calendar_calls_them() -> None:
    assert cells.one_of("Språkkafé", words.categories()) is ActivityCategory.LANGUAGE_CAFE
    assert cells.one_of("language café", words.categories()) is ActivityCategory.LANGUAGE_CAFE
    assert cells.several("Fotboll, musik och Läsning", words.interests()) == (
        Interest.FOOTBALL,
        Interest.MUSIC,
        Interest.READING,
    )
    assert cells.several("svenska, Arabiska; fa", words.languages()) == ("sv", "ar", "fa")
    assert set(words.needs().values()) == set(Need)
    with pytest.raises(Unclear, match="perhaps fotboll"):
        cells.one_of("fotbol", words.interests())


def test_every_heading_means_one_thing() -> None:
    called = [name for each in COLUMNS for name in {*each.swedish, *each.english}]
    assert len({name.lower() for name in called}) == len(called)
    for each in COLUMNS:
        for name in (*each.swedish, *each.english):
            assert named(name.upper() + ":") == each.field
    assert named("Kommentar") is None


@given(st.text(max_size=30))
def test_any_cell_is_read_or_told_of(text: str) -> None:
    readers: list[Any] = [
        *(
            lambda t: cells.day(t, TODAY),
            lambda t: cells.days(t, TODAY),
            cells.hours,
            cells.weekdays,
            cells.price,
        ),
        *(lambda t: cells.number(t, 0, 9), cells.yes_or_no, cells.address, cells.postal_code),
    ]
    for read in readers:
        try:
            read(text)
        except Unclear:
            continue
