"""Looking for somebody: by name, identity number or telephone number among the cases one may see, or by what
a referral is called. The vault searches; what is looked for is in no address and no log."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from fastapi import Request
from sqlalchemy import Text, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import Response

from services.navigator.board import party
from services.navigator.desk.frame import identity_of
from services.navigator.desk.inbox_page import WITH_A_TEAM
from services.navigator.store.tables import case_file
from services.runtime.web import Identity, Pages, site_of
from services.runtime.web.forms import SentForm, read_form
from services.runtime.web.people import AMONG, Hits, find_people, short_id
from sluss_contracts.vocabulary import Role

_SHORT: Final = re.compile(r"[0-9A-Za-z]{2}-[0-9A-Za-z]{4}")
_LATEST: Final = case_file.c.since.desc()
_SIGHT = select(case_file.c.referral_id).order_by(_LATEST).limit(AMONG + 1)
_OF_TEAM = _SIGHT.where(case_file.c.team == bindparam("team", type_=Text))
_FOUND = (
    select(
        case_file.c.referral_id,
        case_file.c.closed,
        case_file.c.opened,
        func.coalesce(party.c.name, case_file.c.worker, "").label("worker"),
    )
    .select_from(case_file.outerjoin(party, (party.c.kind == "worker") & (party.c.id == case_file.c.worker)))
    .where(case_file.c.referral_id == func.any(bindparam("ids", type_=ARRAY(Text))))
)


def search_pages(engine: AsyncEngine) -> Pages:
    """The form and its answer. Sent by POST, so that no name stands in an address."""
    pages = Pages("navigator search")

    @pages.get("/search", roles=WITH_A_TEAM)
    async def form(request: Request) -> Response:
        return site_of(request).page(
            request, "search.html", filled=SentForm(), found=None, hits=Hits(), short=[]
        )

    @pages.post("/search", roles=WITH_A_TEAM)
    async def search(request: Request) -> Response:
        filled = await read_form(request)
        wanted = filled.one("wanted")
        among = await in_sight(engine, identity_of(request))
        named = _SHORT.fullmatch(wanted) is not None
        short = [each for each in among if short_id(each) == wanted.upper()] if named else []
        hits = Hits() if short else await find_people(request, wanted, among, purpose="find_case")
        found = await _cases(engine, [*short, *(hit["referral_id"] for hit in hits.hits)])
        return site_of(request).page(
            request, "search.html", filled=filled, found=found, hits=hits, short=short
        )

    return pages


async def in_sight(db: AsyncEngine, identity: Identity) -> Sequence[str]:
    """The referrals whose cases this visitor may open, the latest first."""
    everywhere = identity.role is Role.COORDINATOR
    async with db.connect() as connection:
        asked: dict[str, Any] = {} if everywhere else {"team": identity.team or ""}
        rows = await connection.execute(_SIGHT if everywhere else _OF_TEAM, asked)
        return list(rows.scalars())


async def _cases(db: AsyncEngine, ids: Sequence[str]) -> list[dict[str, Any]]:
    if not ids:
        return []
    async with db.connect() as connection:
        rows = (await connection.execute(_FOUND, {"ids": list(ids)})).mappings().all()
    found = {row["referral_id"]: dict(row) for row in rows}
    return [found[id] | {"short": short_id(id)} for id in ids if id in found]
