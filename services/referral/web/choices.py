"""What there is to choose among on the forms: areas, ways of working, and what languages are called."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Self
from uuid import uuid4

import asyncpg
from babel import Locale

from services.referral.domain.organisation import Organisation
from services.referral.store.submitted import ORGANISATION_NAMED
from services.runtime.calls import Network
from services.runtime.clock import Clock
from services.runtime.decision import Transient
from services.runtime.engine.transaction import Transaction
from services.runtime.pathways import known_pathways
from services.runtime.web.area_words import area_in_words
from sluss_contracts.command import Actor
from sluss_contracts.commands.staff import ReadAreas
from sluss_contracts.pathway import DEFAULT, Bilingual
from sluss_contracts.vocabulary import Area, Channel, Role, Slug

_KEPT = 60.0
"""Seconds for which the areas are not asked for anew."""
_REFERRAL = Actor(id="referral", role=Role.SERVICE)


class Areas(dict[Area, str]):
    """Areas that somebody serves, each with what it is called."""

    @classmethod
    def of(cls, areas: Iterable[Area]) -> Self:
        """In the order of the alphabet."""
        return cls({area: area_in_words(area) for area in sorted(areas)})


class Choices:
    """Asked for by the pages; the areas are the navigator's to know, and kept a while."""

    def __init__(self, pool: asyncpg.Pool, network: Network, clock: Clock) -> None:
        self._pool, self._network, self._clock = pool, network, clock
        self._areas: tuple[float, Areas] | None = None

    async def areas(self) -> Areas:
        """The areas that some team serves; those known before, or none, when nobody answers."""
        if self._areas is None or time.monotonic() - self._areas[0] > _KEPT:
            try:
                answer = await self._network.ask(ReadAreas(command_id=uuid4(), actor=_REFERRAL))
            except Transient:
                return self._areas[1] if self._areas else Areas()
            if answer.ok:
                self._areas = time.monotonic(), Areas.of(answer.result["areas"])
        return self._areas[1] if self._areas else Areas()

    async def organisation(self, named: Slug) -> Organisation | None:
        """An organisation that takes part."""
        state = await self._pool.fetchval(
            ORGANISATION_NAMED.text, *ORGANISATION_NAMED.arguments({"organisation": named})
        )
        found = Organisation.model_validate(state) if state else None
        return None if found is None or found.revoked else found

    async def pathways(self, channel: Channel) -> dict[Slug, Bilingual]:
        """The ways of working that take referrals by a channel, the network's default first."""
        async with self._pool.acquire() as connection:
            known = await known_pathways(Transaction(connection, self._clock.now()))
        latest = {slug: known.of(slug, known.latest(slug) or 0) for slug in known.published()}
        takes = {slug: each.name for slug, each in latest.items() if channel in each.entry.channels}
        return dict(sorted(takes.items(), key=lambda each: (each[0] != DEFAULT, each[0])))


def language_names(codes: Iterable[str], spoken: str) -> dict[str, str]:
    """What languages are called in the visitor's, the network's own first."""
    locale = Locale(spoken)
    names = {code: (locale.languages.get(code) or code).capitalize() for code in codes}
    return dict(sorted(names.items(), key=lambda each: (each[0] != "sv", each[1])))
