"""Two pages over the access log, which the referral service keeps: a draw, and one person's extract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import uuid4
from zoneinfo import ZoneInfo

from fastapi import Request
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import Response

from services.navigator.accesses.words import ACTIONS, DENIED, PURPOSES
from services.navigator.desk.opened import names_of
from services.runtime.decision import Transient
from services.runtime.web import NothingHere, Pages, actor_of, mark, site_of
from services.runtime.web.people import short_id
from sluss_contracts.command import Answer, Command
from sluss_contracts.commands.looking import ReadAccessLog, ReadSpotCheck
from sluss_contracts.vocabulary import Role

ROOT: Final = "/accesses"
LOCAL_TIME: Final = ZoneInfo("Europe/Stockholm")
A_WEEK: Final = timedelta(days=7)
AWAY: Final = mark("The register of people does not answer just now. Wait a moment, and load the page again.")
WRONG: Final = mark("Choose a first and a last day, the first one first, and from 1 to 100 of each unit.")


def access_pages(engine: AsyncEngine) -> Pages:
    """The pages, reading what people are called through this engine."""
    pages = Pages("accesses")

    @pages.get(ROOT, roles={Role.COORDINATOR})
    async def draw(
        request: Request, since: str = "", until: str = "", most: str = "10", seed: str = ""
    ) -> Response:
        """Looks of each unit in a period, drawn at random; the address draws the same again."""
        today = site_of(request).now().astimezone(LOCAL_TIME).date()
        asked = {"since": since or str(today - A_WEEK), "until": until or str(today), "most": most}
        trouble, told = None, None
        if since:
            try:
                answer = await _ask(request, _drawing(request, asked, seed))
                told, trouble = (answer.result, None) if answer and answer.ok else (None, AWAY)
            except (ValueError, ValidationError):
                trouble = WRONG
        entries = await _named(engine, told["entries"]) if told else []
        return site_of(request).page(
            request,
            "accesses/draw.html",
            status=422 if trouble is WRONG else 503 if trouble else 200,
            asked=asked,
            told=told,
            entries=entries,
            trouble=trouble,
            **_words(),
        )

    @pages.get(ROOT + "/of/{referral_id}", roles={Role.COORDINATOR})
    async def extract(request: Request, referral_id: str, before: int | None = None) -> Response:
        """Everybody who has looked at one person's record: on the screen with names, on paper for the person
        without."""
        try:
            answer = await _ask(
                request, ReadAccessLog(**_by(request), referral_id=referral_id, before=before)
            )
        except ValidationError:
            raise NothingHere from None
        if answer is not None and not answer.ok:
            raise NothingHere
        told: Mapping[str, Any] = answer.result if answer else {"entries": [], "more": False}
        return site_of(request).page(
            request,
            "accesses/extract.html",
            status=200 if answer else 503,
            short=short_id(referral_id),
            referral_id=referral_id,
            entries=await _named(engine, told["entries"]),
            more=told["entries"][-1]["number"] if told["more"] else None,
            trouble=None if answer else AWAY,
            **_words(),
        )

    return pages


def _drawing(request: Request, asked: Mapping[str, str], seed: str) -> ReadSpotCheck:
    """Raises `ValueError`, `ValidationError` where it makes no sense."""
    first, last = date.fromisoformat(asked["since"]), date.fromisoformat(asked["until"])
    if first > last:
        raise ValueError("the first day is after the last")
    return ReadSpotCheck(
        **_by(request),
        since=datetime.combine(first, time.min, LOCAL_TIME),
        until=datetime.combine(last + timedelta(days=1), time.min, LOCAL_TIME),
        most=int(asked["most"]),
        seed=int(seed) if seed else None,
    )


def _by(request: Request) -> dict[str, Any]:
    return {"command_id": uuid4(), "actor": actor_of(request)}


async def _ask(request: Request, question: Command) -> Answer | None:
    try:
        answer = await site_of(request).network.ask(question)
    except Transient:
        return None
    return None if answer.refused and answer.refused.code in ("try_again", "internal_error") else answer


async def _named(engine: AsyncEngine, entries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The entries with what people and units are called, and moments as moments."""
    async with engine.connect() as connection:
        ids = {entry[field] for entry in entries for field in ("actor", "unit")}
        names = await names_of(connection, ids)
    return [
        {
            **entry,
            "at": datetime.fromisoformat(entry["at"]),
            "name": names.get(("worker", entry["actor"]), entry["actor"]),
            "place": next(
                (
                    names[kind, entry["unit"]]
                    for kind in ("team", "organisation")
                    if (kind, entry["unit"]) in names
                ),
                entry["unit"],
            ),
            "role": Role(entry["role"]),
            "short": short_id(entry["referral_id"] or ""),
        }
        for entry in entries
    ]


def _words() -> dict[str, Any]:
    return {"actions": ACTIONS, "purposes": PURPOSES, "denied": DENIED}
