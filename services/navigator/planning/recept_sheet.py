"""The recept as one A4 to print: large letters, tagged for those who have it read out (PDF/UA-1).

The paper holds the goal in the person's own words and what to do about it. Neither the file's name, nor what
is written into the file about itself, nor the code holds anything of the person.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock

import fontpkg
import orjson
import segno
import typst

_SHEET = Path(__file__).with_name("recept.typ")
_FAMILY = "Atkinson Hyperlegible"
"""Drawn by the Braille Institute for readers with low vision; licensed SIL OFL 1.1."""
_ONE_AT_A_TIME = Lock()


@dataclass(frozen=True, slots=True)
class Part:
    """One thing told, under its name; the first line is the weighty one."""

    name: str
    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands on the paper, in one language and in this order."""

    language: str
    title: str
    subtitle: str
    goal: Part
    rows: Sequence[Part]
    address: str = ""
    """The activity's page for everybody; empty where there is none."""
    code_about: str = ""
    code_says: str = ""
    """What the code is, for those who do not see it."""
    foot: Sequence[str] = ()


def as_pdf(sheet: Sheet) -> bytes:
    """The paper. What it is made of is data to the typesetter and never markup, whatever is written in it."""
    told = {
        "language": sheet.language,
        "title": _plain(sheet.title),
        "subtitle": _plain(sheet.subtitle),
        "goal": {"name": sheet.goal.name, "lines": _lines(sheet.goal.lines)},
        "rows": [{"name": row.name, "lines": _lines(row.lines)} for row in sheet.rows],
        "address": sheet.address.removeprefix("https://").removeprefix("http://"),
        "code": code_of(sheet.address) if sheet.address else "",
        "code_about": sheet.code_about,
        "code_says": sheet.code_says,
        "foot": _lines(sheet.foot),
    }
    data = {"told": orjson.dumps(told).decode()}
    with _ONE_AT_A_TIME:  # the typesetter keeps what it has read; two at once would read it twice
        try:
            made = _typesetter().compile(format="pdf", sys_inputs=data, pdf_standards=["ua-1"])
        except typst.TypstError:
            # Some sign is in none of the fonts there are, and so cannot be read out as the standard asks. A
            # paper that shows a box for it is better than none; tagged it is all the same.
            made = _typesetter().compile(format="pdf", sys_inputs=data)
    assert isinstance(made, bytes), "one document is asked for"
    return made


def code_of(address: str, *, dark: str = "#000000") -> str:
    """The address as a QR code, a picture in SVG."""
    drawn = io.BytesIO()
    segno.make(address, error="m", micro=False).save(drawn, kind="svg", dark=dark, light="#ffffff", border=4)
    return drawn.getvalue().decode()


@cache
def _typesetter() -> typst.Compiler:
    # The computer's own fonts stand in for scripts that ours has not: Arabic, Thai …
    fonts = typst.Fonts(include_system_fonts=True, font_paths=[str(fontpkg.path(_FAMILY).parent)])
    return typst.Compiler(str(_SHEET), root=str(_SHEET.parent), font_paths=fonts)


def _lines(said: Sequence[str]) -> list[str]:
    """The lines of it, without signs that no printer has."""
    whole = "\n".join(said).replace("\r\n", "\n").replace("\r", "\n")
    return [_plain(line) for line in whole.split("\n")]


def _plain(text: str) -> str:
    return "".join(sign for sign in text if sign.isprintable())
