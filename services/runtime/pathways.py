"""The pathways a service has heard of. Versions are immutable, so each is read from the database once.

A service that asks for pathways declares `service.absorb(PathwayPublished)(write_pathways)` and
`service.give = known_pathways`; its handlers then ask `ctx.given.of(slug, version)`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import bindparam, select, update

from services.runtime.rows import new_row
from services.runtime.service import Given
from services.runtime.tables import pathway
from services.runtime.tx import Tx, sql
from sluss_contracts.event import Event
from sluss_contracts.pathway import BUILT_IN, DEFAULT, Pathway, PathwayPublished, PathwayWithdrawn

_WRITE = sql(new_row(pathway, "pathway", "version", "definition", "digest").on_conflict_do_nothing())
_WITHDRAW = sql(update(pathway).values(withdrawn=True).where(pathway.c.pathway == bindparam("named")))
_STANDING = """
select coalesce(md5(string_agg(concat_ws(' ', pathway, version, digest, withdrawn), ','
                               order by pathway, version)), '') from pathway
"""
"""All that is known of pathways as one short text."""
_NAMES = f"select pathway, version, digest, withdrawn, ({_STANDING}) as standing from pathway"
_ONE = sql(
    select(pathway.c.definition).where(
        pathway.c.pathway == bindparam("pathway"), pathway.c.version == bindparam("version")
    )
)


class PathwayNotHeard(LookupError):
    """The version is named by an event that overtook its publication."""


class Pathways:
    """Every version heard, by pathway and number."""

    def __init__(
        self, heard: Mapping[tuple[str, int], Pathway], withdrawn: Collection[tuple[str, int]] = ()
    ) -> None:
        self._heard = heard
        self._withdrawn = withdrawn

    def published(self) -> list[str]:
        """The pathways that a new referral may begin with, the default one always among them."""
        slugs = sorted({DEFAULT, *(name for name, _ in self._heard)})
        return [slug for slug in slugs if self.latest(slug) is not None]

    def knows(self, slug: str, version: int) -> bool:
        """Whether `of` has an answer; an event that names another version waits for `pathway.published`."""
        return version == 0 or (slug, version) in self._heard

    def of(self, slug: str, version: int) -> Pathway:
        """How work goes on this pathway; version 0 is the built-in default. Raises `PathwayNotHeard`."""
        if version == 0:
            return BUILT_IN
        try:
            return self._heard[slug, version]
        except KeyError:
            raise PathwayNotHeard(f"version {version} of {slug}") from None

    def latest(self, slug: str) -> int | None:
        """The version a new referral begins with; None where none is published or it is withdrawn, but for
        the default pathway, which is always there."""
        newest = max((version for name, version in self._heard if name == slug), default=None)
        if newest is None:
            return 0 if slug == DEFAULT else None
        return None if (slug, newest) in self._withdrawn else newest


def digest_of(definition: Pathway) -> str:
    """The same for the same way of working, however its file is laid out."""
    return sha256(definition.model_dump_json().encode()).hexdigest()


_READ_ALREADY: dict[tuple[str, int, str], Pathway] = {}


async def write_pathways(tx: Tx, events: Sequence[Event[PathwayPublished]]) -> None:
    """Remember what has been published."""
    rows: list[dict[str, Any]] = [
        {
            "pathway": event.data.pathway,
            "version": event.data.version,
            "definition": event.data.definition.model_dump(mode="json"),
            "digest": digest_of(event.data.definition),
        }
        for event in events
    ]
    tx.standing = None
    await tx.execute_many(_WRITE, rows)


async def withdraw_pathways(tx: Tx, events: Sequence[Event[PathwayWithdrawn]]) -> None:
    """Remember what no new referral may begin with. Publishing anew makes a version that is not withdrawn."""
    tx.standing = None
    await tx.execute_many(_WITHDRAW, [{"named": event.data.pathway} for event in events])


async def _read(tx: Tx) -> tuple[str, Pathways]:
    """All that is heard by now, and how it stands; no definition is read twice."""
    heard, withdrawn, standing = {}, set(), ""
    for row in await tx.fetch(_NAMES):
        standing = row["standing"]
        name = (row["pathway"], row["version"], row["digest"])
        if name not in _READ_ALREADY:
            found = await tx.value(_ONE, pathway=row["pathway"], version=row["version"])
            _READ_ALREADY[name] = Pathway.model_validate(found, extra="ignore")
        heard[row["pathway"], row["version"]] = _READ_ALREADY[name]
        if row["withdrawn"]:
            withdrawn.add((row["pathway"], row["version"]))
    return standing, Pathways(heard, withdrawn)


known_pathways = Given(_STANDING, _read)
"""All that is heard by now, read anew when somebody has published or withdrawn: a few times a year."""
