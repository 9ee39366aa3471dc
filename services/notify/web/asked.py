"""What a one-time link asks, read without using it: by people, and by whatever previews links.

Read through the pages' engine, whose transactions are read-only. Neither who is asked nor of which referral
is among what is read, so no page can say it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from services.notify.domain.evaluation import Status
from services.notify.domain.links import Link, Standing, hash_of, standing
from services.runtime.logging import logger
from services.runtime.web import Language
from sluss_contracts.instruments import Pack, UnknownInstrument, pack_of
from sluss_contracts.instruments.asking import Question, asked_in, questions_of

_LINK = """
select l.expires, l.used, e.status, coalesce(
  (select array_agg(i) from jsonb_array_elements_text(e.instruments) i), '{}') as instruments
from evaluation_link l join evaluation e using (evaluation_id) where l.token_hash = $1
"""
_PACKS = "select pack::text as pack from instrument order by instrument, version"


@dataclass(frozen=True, slots=True)
class Part:
    """One instrument, as it is asked."""

    pack: Pack
    language: str
    ask: str
    """What is said before the questions."""
    questions: Sequence[Question]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a link is good for, and the instruments it asks."""

    standing: Standing
    instruments: Sequence[str] = ()
    published: Sequence[Pack] = ()

    def packs(self) -> list[Pack]:
        """The newest of each that has words. A key means nothing to whoever is alone with it: an instrument
        without wording is asked by somebody who has the form."""
        return [pack for pack in map(self._newest, self.instruments) if pack is not None and pack.languages]

    def _newest(self, instrument: str) -> Pack | None:
        try:
            return pack_of(instrument, published=self.published)
        except UnknownInstrument:
            logger("notify").warning("evaluation_instrument_unknown", instrument=instrument)
            return None


NOTHING = Asked(Standing.UNKNOWN)


def parts_of(packs: Sequence[Pack], language: Language) -> list[Part]:
    """How they are asked of whoever reads this language; in another where they have no words in it."""
    parts = []
    for pack in packs:
        spoken = asked_in(pack, language.code, language.code)
        parts.append(Part(pack, spoken, pack.ask.get(spoken, ""), questions_of(pack, spoken)))
    return parts


class Links:
    """Reads what links ask."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def asked_by(self, token: str, now: datetime) -> Asked:
        """What this token leads to."""
        async with self._engine.connect() as connection:
            row = (await connection.exec_driver_sql(_LINK, (hash_of(token),))).mappings().first()
            if row is None:
                return NOTHING
            link = Link(expires=row["expires"], used=row["used"])
            stands = standing(link, now, cancelled=row["status"] == Status.CANCELLED)
            packs = (await connection.exec_driver_sql(_PACKS)).scalars().all()
        published = [Pack.model_validate_json(pack, extra="ignore") for pack in packs]
        return Asked(stands, tuple(row["instruments"]), published)
