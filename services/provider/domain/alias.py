"""What a provider calls somebody before they have met: two words that mean nothing."""

from __future__ import annotations

from hashlib import sha256

_PLANTS = """
    Ask Björk Blåklint Bok Ek Fläder Gran Gullviva Hassel Hägg Julros Kaprifol Klöver Lavendel Lilja Lind
    Ljung Lönn Malva Mynta Nypon Oxel Pil Prästkrage Ros Rönn Salvia Sippa Syren Tall Tistel Vallmo
    Vide Viol Åkervinda
"""
_BIRDS = """
    Ejder Fasan Gråsparv Grönsiska Gärdsmyg Häger Järpe Kaja Knipa Kricka Lom Lärka Mes Näktergal
    Orre Pilfink Ripa Rödhake Sidensvans Skata Skrake Smådopping Sparv Stare Steglits Storspov Svala Svan
    Sädesärla Talgoxe Tofsvipa Trana Trast Tärna Uggla Vipa Ärla
"""


def alias_of(person: str, provider: str) -> str:
    """The same person is called the same by one provider and otherwise by another, so that two providers
    cannot find out that they have met the same person. Nobody can count back from it."""
    digest = sha256(f"{person}\n{provider}".encode()).digest()
    plant, bird = _one_of(_PLANTS, digest[:4]), _one_of(_BIRDS, digest[4:8])
    return f"{plant} {bird}"


def _one_of(words: str, chance: bytes) -> str:
    listed = words.split()
    return listed[int.from_bytes(chance, "big") % len(listed)]
