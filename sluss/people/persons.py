"""Made-up people to refer. Nobody here is real.

Identity numbers use the serials 980-999, which the Swedish Tax Agency keeps for testing and gives to nobody.
"""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

from sluss_contracts.vocabulary import Channel, ConsentStatus, Gender, MessageWay, Need

_GIVEN = (
    *("Aino", "Amina", "Birgitta", "Daniel", "Ebba", "Farah", "Gunnar", "Hodan", "Ivar", "Jasmina", "Kalle"),
    *("Leila", "Maj", "Nils", "Omar", "Petra", "Rut", "Samir", "Tova", "Ulla", "Viktor", "Yusuf", "Örjan"),
)
_FAMILY = (
    *(
        "Almlöv",
        "Bäckström",
        "Dahlqvist",
        "Ekhammar",
        "Granlid",
        "Hosseini",
        "Isaksson",
        "Kallio",
        "Lindvall",
    ),
    *("Marković", "Norling", "Osman", "Rosengård", "Sjödal", "Tesfay", "Wallgren", "Öberg"),
)
_REASONS = (
    "Ny i staden, känner ingen utanför jobbet och har slutat gå ut på helgerna.",
    "Har blivit ensam efter flytten och säger att dagarna är långa.",
    "Söker ofta för värk; berättar att det mesta känns tomt sedan barnen flyttade.",
    "Vill komma igång med något regelbundet men vågar inte gå dit själv första gången.",
    "Undrar var man träffar folk när man inte har råd med så mycket.",
)
WORDS = (
    "Vill ha någon att dricka kaffe med en dag i veckan.",
    "Vill komma ut och röra på mig utan att det är tävling.",
    "Vill lära känna någon som talar mitt språk.",
    "Vill känna att jag behövs.",
    "Vill få ordning på papperen så att jag kan sova.",
)
"""What people say that they want."""
FEEDBACK = (
    "Har kommit igång och går dit på egen hand.",
    "Trivs i gruppen och har fått en ny vän.",
    "Vill fortsätta; vi har sagt hej då för nu.",
)
"""What link workers tell the one who referred."""
_AREAS = ("norrkoping-centrum", "norrkoping-centrum", "norrkoping-soder", "hageby", "vilbergen")
_LANGUAGES = ("sv",) * 8 + ("en", "ar", "so", "fi")
_NEEDS = (
    *(Need.COMPANY,) * 6,
    *(Need.PHYSICAL_ACTIVITY, Need.CULTURE, Need.NATURE, Need.LANGUAGE, Need.WORK),
    *(Need.DEBT, Need.PARENTING, Need.GRIEF, Need.DIGITAL_HELP, Need.VOLUNTEERING),
)


_ACUTE = "Säger att hen inte orkar mer och vill dö."
"""What must raise an alarm: see `alarm.raised`."""


def identity_number(chance: Random, *, minor: bool = False) -> str:
    """A test personnummer (YYYYMMDD-NNNC) of somebody 19 to 95 years old in 2026, or of a minor of 15."""
    first, days = (date(2010, 12, 1), 300) if minor else (date(1931, 1, 1), 76 * 365)
    born = first + timedelta(days=chance.randrange(days))
    digits = f"{born:%y%m%d}{chance.randint(980, 999)}"
    return f"{born:%Y%m%d}-{digits[6:]}{_luhn(digits)}"


def _luhn(digits: str) -> int:
    total = 0
    for place, digit in enumerate(digits):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled // 10 + doubled % 10
    return -total % 10


def referral_of(chance: Random, unit: str, staff: str) -> dict[str, Any]:
    """The payload of a submission about somebody new, as a partner would write it (JSON types)."""
    given, family = chance.choice(_GIVEN), chance.choice(_FAMILY)
    needs = sorted({chance.choice(_NEEDS) for _ in range(chance.choice((1, 1, 2, 3)))})
    wish = chance.random()
    return {
        "person": {
            "identity_number": identity_number(chance),
            "name": f"{given} {family}",
            "contact": {"phone": _phone(chance)},
            "language": chance.choice(_LANGUAGES),
        },
        "area": chance.choice(_AREAS),
        "needs": [str(need) for need in needs],
        "consent": {
            "status": str(ConsentStatus.TO_BE_ASKED if chance.random() < 0.08 else ConsentStatus.GIVEN),
        },
        "referrer": {"unit": unit, "person": staff, "channel": str(Channel.STAFF)},
        "reason": chance.choice(_REASONS),
        **({"requested_gender": str(Gender.WOMAN)} if wish < 0.08 else {}),
    }


def made_up_person(
    chance: Random, known: set[str], *, minor: bool = False, language: str | None = None
) -> dict[str, Any]:
    """Somebody whose number is not among the `known`, and is from now on."""
    while (number := identity_number(chance, minor=minor)) in known:
        pass
    known.add(number)
    person: dict[str, Any] = {
        "identity_number": number,
        "name": f"{chance.choice(_GIVEN)} {chance.choice(_FAMILY)}",
        "contact": {
            "phone": _phone(chance),
            "postal_address": f"Påhittade gatan {chance.randint(1, 99)}, 600 00 Norrköping",
        },
        "language": language or chance.choice(_LANGUAGES),
    }
    wishes = Random(number)
    if wishes.random() < _WITH_AN_INBOX:
        person["contact"]["inbox"] = f"inkorg-{wishes.randint(1000, 9999)}"
        person["prefers"] = [str(wishes.choice(list(MessageWay)))]
    if minor:
        person["guardian"] = {"phone": _phone(wishes)}
    return person


_WITH_AN_INBOX = 0.3


def _phone(chance: Random) -> str:
    """One of the numbers that are kept for fiction."""
    return f"+4670174{chance.randint(600, 699):04d}"


def wishes_of(chance: Random, *, wide: bool) -> list[str]:
    """What somebody needs; two or three things at once where that is the usual."""
    many = chance.choice((2, 3) if wide else (1, 1, 2))
    wanted = [Need.DEBT, Need.WORK, Need.PARENTING, Need.CULTURE, Need.COMPANY] if wide else list(_NEEDS)
    return sorted({str(chance.choice(wanted)) for _ in range(many)})


def reason_of(chance: Random, *, acute: bool = False) -> str:
    """Why somebody is referred, in the words of whoever refers them."""
    return _ACUTE if acute else chance.choice(_REASONS)
