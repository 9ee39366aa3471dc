"""The paper itself: one A4, large letters, tagged, and nothing of the person but what they said."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import Any

import pytest
import segno
from pypdf import PdfReader

from services.navigator.planning.recept_sheet import Part, Sheet, as_pdf, code_of

ADDRESS = "https://sluss.example/aktiviteter/promenad"
GOAL = "Jag vill höra någon i köket på söndagar: Åsa, Örjan eller vem som helst."
SHEET = Sheet(
    language="sv",
    title="Recept",
    subtitle="Social · att prova på",
    goal=Part("Mitt mål", [GOAL]),
    rows=[
        Part("Att göra", ["Promenad med fika", "Korpen Norrköping"]),
        Part("Första gången", ["torsdag 5 mars 2026, 09:00–10:30"]),
        Part("Någon möter dig", ["Maja möter dig."]),
    ],
    address=ADDRESS,
    code_about="Mer om den:",
    code_says=f"En kod som leder till {ADDRESS}",
    foot=["Ring 112 vid fara."],
)
HOSTILE = [
    '#eval("1") #import "/etc/passwd" $x^2$ *fet* @ref <label> #sys.inputs',
    "<script>alert(1)</script> ) /JavaScript (app.alert(1)) /OpenAction",
    '=HYPERLINK("http://evil.example") \\ ` // /* \' " \u202e\u0007',
]


def _read(made: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(made))


def _root(made: bytes) -> Any:
    return _read(made).trailer["/Root"]


def _text(made: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in _read(made).pages).split())


def _sizes(made: bytes) -> set[float]:
    """How large letters are printed, in points."""
    found: set[float] = set()
    for page in _read(made).pages:

        def look(text: str, cm: list[float], tm: list[float], font: object, size: float) -> None:
            if text.strip():
                found.add(round(abs(size * tm[3] * cm[3]), 1))

        page.extract_text(visitor_text=look)
    return found


def test_it_is_one_a4_in_letters_of_at_least_14_points() -> None:
    made = as_pdf(SHEET)
    (page,) = _read(made).pages
    assert (round(page.mediabox.width), round(page.mediabox.height)) == (595, 842)
    assert min(_sizes(made)) >= 14
    for said in (GOAL, "Promenad med fika", "Korpen Norrköping", "09:00–10:30", "Maja möter dig."):
        assert said in _text(made)


def test_more_text_is_smaller_down_to_14_points_and_never_cut_off() -> None:
    sizes = []
    for many in (1, 12, 100):
        made = as_pdf(
            replace(SHEET, goal=Part("Mitt mål", ["Sju sköna ord som alla ska stå kvar här. " * many]))
        )
        assert _text(made).count("Sju sköna") == many
        sizes.append(min(_sizes(made)))
    assert min(sizes) >= 14
    assert len(_read(as_pdf(replace(SHEET, goal=Part("Mitt mål", ["Ett ord. " * 120])))).pages) == 1


def test_it_can_be_read_out_and_tells_nothing_about_itself() -> None:
    made = as_pdf(SHEET)
    root = _root(made)
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "sv"
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_object().get_data()
    about = {name: str(value) for name, value in (_read(made).metadata or {}).items()}
    assert about["/Title"] == "Recept"
    assert not [word for value in about.values() for word in GOAL.split() if len(word) > 4 and word in value]


def test_every_letter_of_the_language_is_printed() -> None:
    letters = "åäö ÅÄÖ é ü ø č ł ğ ş ž – ”"
    assert letters in _text(as_pdf(replace(SHEET, goal=Part("Mitt mål", [letters]))))


def test_a_sign_that_no_font_has_keeps_nobody_from_their_paper() -> None:
    made = as_pdf(replace(SHEET, goal=Part("Mitt mål", ["Kaffe \U0001fae8 \U00010300 på torsdag"])))
    assert "på torsdag" in _text(made)
    assert _root(made)["/MarkInfo"]["/Marked"]


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_are_words_on_the_paper(words: str) -> None:
    made = as_pdf(
        replace(
            SHEET,
            title="Recept",
            goal=Part("Mitt mål", [words]),
            rows=[Part("Att göra", [words])],
            foot=[words],
        )
    )
    shown = " ".join("".join(sign for sign in words if sign.isprintable()).split())
    assert re.sub(r"\s", "", _text(made)).count(re.sub(r"\s", "", shown)) == 3
    root = _root(made)
    assert not {"/OpenAction", "/AA", "/AcroForm"} & set(root)
    assert "/JavaScript" not in str(root.get("/Names", ""))


def test_the_code_is_the_activitys_address_and_nothing_else() -> None:
    drawn = io.BytesIO()
    segno.make(ADDRESS, error="m", micro=False).save(
        drawn, kind="svg", dark="#000000", light="#ffffff", border=4
    )
    assert code_of(ADDRESS) == drawn.getvalue().decode()
    assert code_of(ADDRESS) != code_of(ADDRESS + "?om=1")


def test_without_an_activity_there_is_no_code() -> None:
    made = as_pdf(replace(SHEET, address="", rows=[]))
    assert "sluss.example" not in _text(made)
    assert not [image for page in _read(made).pages for image in page.images]
