"""Instruments: what is asked, how it is scored, and what may be compared with what."""

from __future__ import annotations

from sluss_contracts.instruments.format import Pack
from sluss_contracts.instruments.published import InstrumentPublished
from sluss_contracts.instruments.scoring import Measured, NotAnswerable, NotComparable, change, measure, score
from sluss_contracts.instruments.shelf import UnknownInstrument, built_in, pack_of

__all__ = [
    "InstrumentPublished",
    "Measured",
    "NotAnswerable",
    "NotComparable",
    "Pack",
    "UnknownInstrument",
    "built_in",
    "change",
    "measure",
    "pack_of",
    "score",
]
