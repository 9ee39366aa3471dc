"""What the columns of an association's spreadsheet are called, in Swedish and in English.

Every heading is read in small letters, without signs between the words. The first of each is the template's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """One column: our field, what it may be called, and an example for the template."""

    field: str
    swedish: tuple[str, ...]
    english: tuple[str, ...]
    example: str = ""


COLUMNS = (
    Column("title", ("Aktivitet", "Namn", "Titel", "Rubrik"), ("Activity", "Name", "Title"), "Gåfotboll"),
    Column(
        "about", ("Beskrivning", "Om aktiviteten"), ("Description", "About"), "Fotboll i gångtakt, för alla."
    ),
    Column("day", ("Veckodag", "Dag", "Dagar"), ("Weekday", "Day", "Days"), "tisdagar"),
    Column("time", ("Klockslag", "Tid", "Tider"), ("Time", "Hours"), "14.00–15.30"),
    Column(
        "starts",
        ("Första gången", "Startdatum", "Datum", "Start"),
        ("First time", "Start date", "Date"),
        "12/1 2027",
    ),
    Column("ends", ("Sista gången", "Slutdatum", "Slut"), ("Last time", "End date"), "25 maj 2027"),
    Column("except", ("Inställt", "Uppehåll", "Inte"), ("Not on", "Except"), "16/2 2027, 23/2 2027"),
    Column("place", ("Plats", "Lokal"), ("Place", "Venue"), "Folkparken"),
    Column("street", ("Adress", "Gatuadress"), ("Address", "Street"), "Parkvägen 3"),
    Column("postal_code", ("Postnummer", "Postnr"), ("Postal code", "Postcode"), "602 36"),
    Column("town", ("Ort", "Postort", "Stad"), ("Town", "City"), "Norrköping"),
    Column("area", ("Område", "Stadsdel"), ("Area",), "norrköping-centrum"),
    Column("cost", ("Pris", "Kostnad", "Avgift"), ("Price", "Cost", "Fee"), "50 kr per termin"),
    Column("capacity", ("Platser", "Antal platser", "Max antal"), ("Places", "Capacity"), "20"),
    Column("from_age", ("Från ålder", "Ålder från", "Lägsta ålder"), ("From age", "Minimum age"), "60"),
    Column("to_age", ("Till ålder", "Ålder till", "Högsta ålder"), ("To age", "Maximum age"), ""),
    Column("groups", ("Målgrupp", "För vem"), ("Target group", "For whom"), "nybörjare"),
    Column("languages", ("Språk",), ("Language", "Languages"), "svenska, arabiska"),
    Column("category", ("Kategori", "Typ"), ("Category", "Type"), "Motion"),
    Column("interests", ("Intressen", "Intresse"), ("Interests", "Interest"), "Fotboll, Sport"),
    Column("needs", ("Bra för", "Behov"), ("Helps with", "Needs"), "sällskap, rörelse"),
    Column("kind", ("Slag",), ("Kind",), "fysisk"),
    Column("acceptance", ("Anmälan", "Anmälan krävs"), ("Sign up", "Sign up needed"), "nej"),
    Column("hosted", ("Värd", "Någon möter upp"), ("Host", "Somebody meets you"), "ja"),
    Column("page", ("Webbsida", "Hemsida", "Länk"), ("Website", "Link"), "https://korpen.example/gafotboll"),
    Column("activity", ("Id", "Kortnamn"), ("Id",), ""),
)

_SIGNS = re.compile(r"[\W_]+")


def named(heading: str) -> str | None:
    """The field a heading stands for; None where nobody knows it."""
    return _BY_NAME.get(_plain(heading))


def _plain(heading: str) -> str:
    return _SIGNS.sub(" ", heading.lower()).strip()


_BY_NAME = {_plain(name): each.field for each in COLUMNS for name in (*each.swedish, *each.english)}
