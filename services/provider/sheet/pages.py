"""Uploading, looking, and then doing it: nothing is kept in between, the text travels with the page."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from fastapi import Request
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.datastructures import UploadFile
from starlette.responses import Response

from services.provider.domain.activity import Activity
from services.provider.domain.schedule import Schedule
from services.provider.sheet import page_words as words
from services.provider.sheet import planning
from services.provider.sheet.planning import Outcome, Planned, There
from services.provider.sheet.reading import NoSheet, Sheet, decoded, parsed
from services.provider.sheet.template import template
from services.runtime.decision import Transient
from services.runtime.web import Pages, mark, site_of
from services.runtime.web.forms import SentForm, read_form
from services.runtime.web.pages import actor_of
from services.runtime.web.refusals import OTHER
from sluss_contracts.vocabulary import Role

SHEET = "/spreadsheet"
LARGEST = 160 * 1024
"""Bytes of a file; so much travels with the page that shows what it would change."""
MOST_ROWS = 500
_AT_ONCE = 8
_PATIENCE = 10.0
_ROLES = frozenset({Role.COORDINATOR, Role.PROVIDER})
_ZONE = ZoneInfo("Europe/Stockholm")

_PROVIDERS = text("select provider, name from provider order by name, provider")
_THERE = text(
    "select g.kind, g.key, g.state from aggregate g where g.kind in ('activity', 'schedule') and g.id = g.key"
    " and g.key = any(:names || array(select activity from activity where provider = :provider))"
)


@dataclass(frozen=True)
class _Uploaded:
    """A spreadsheet as it was sent, and for whom."""

    name: str
    content: str
    provider: str


@dataclass(frozen=True)
class _Trouble:
    """Why a file is not even planned."""

    text: str
    remedy: str = ""
    values: dict[str, Any] | None = None


def sheet_pages(engine: AsyncEngine, now: Callable[[], datetime]) -> Pages:
    """The pages, reading through this engine; what they change they ask for, as whoever is signed in."""
    pages = Pages("spreadsheet")

    @pages.get(SHEET, roles=_ROLES)
    async def ask_for_it(request: Request) -> Response:
        """A form for a file."""
        return await _page(request)

    @pages.get(f"{SHEET}/aktiviteter.csv", roles=_ROLES)
    async def begin_from(request: Request) -> Response:
        """A spreadsheet to begin from."""
        return Response(
            template(),
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="aktiviteter.csv"'},
        )

    @pages.post(SHEET, roles=_ROLES)
    async def look(request: Request) -> Response:
        """What it would change. Nothing is done."""
        uploaded = await _uploaded(request)
        if isinstance(uploaded, _Trouble):
            return await _page(request, trouble=uploaded, status=422)
        return await _preview(request, uploaded)

    @pages.post(f"{SHEET}/confirmed", roles=_ROLES)
    async def confirm(request: Request) -> Response:
        """Do what was shown; where something else would come of it by now, that is shown first."""
        form = await read_form(request)
        uploaded = _Uploaded(form.one("name"), _lines(form.one("content")), _whose(request, form))
        try:
            _, plans = await _planned(request, uploaded)
        except NoSheet as no:
            return await _page(request, trouble=_told(no), status=422)
        if form.one("shown") != _mark(plans) or any(each.faults for each in plans):
            return await _preview(request, uploaded, changed=True, status=409)
        refused = await _send(request, plans)
        done = sum(1 for each in plans if each.commands) - len(refused)
        return await _page(request, done=done, refused=refused, status=422 if refused else 200)

    async def _preview(
        request: Request, uploaded: _Uploaded, *, changed: bool = False, status: int = 200
    ) -> Response:
        try:
            sheet, plans = await _planned(request, uploaded)
        except NoSheet as no:
            return await _page(request, trouble=_told(no), status=422)
        faulty = any(each.faults for each in plans)
        return await _page(
            request,
            preview={
                "uploaded": uploaded,
                "unknown": sheet.unknown,
                "plans": [each for each in plans if each.outcome is not Outcome.UNCHANGED],
                "counted": Counter(each.outcome.value for each in plans),
                "faulty": faulty,
                "anything": any(each.commands for each in plans),
                "shown": _mark(plans),
            },
            changed=changed,
            status=422 if faulty and not changed else status,
        )

    async def _planned(request: Request, uploaded: _Uploaded) -> tuple[Sheet, list[Planned]]:
        """Raises `NoSheet`."""
        sheet = parsed(uploaded.content, uploaded.name)
        if len(sheet.rows) > MOST_ROWS:
            raise NoSheet(mark("%(name)s has too many rows"), mark("split it"), name=uploaded.name)
        if uploaded.provider not in await _providers():
            raise NoSheet(mark("Nobody registered is called so"), mark("choose whose activities they are"))
        names = planning.names_in(sheet, uploaded.provider)
        async with engine.connect() as connection:
            found = await connection.execute(_THERE, {"names": sorted(names), "provider": uploaded.provider})
            rows = found.all()
        there = There(
            activities={r.key: Activity.model_validate(r.state) for r in rows if r.kind == "activity"},
            schedules={r.key: Schedule.model_validate(r.state) for r in rows if r.kind == "schedule"},
            provider=uploaded.provider,
            actor=actor_of(request),
            today=now().astimezone(_ZONE).date(),
        )
        return sheet, planning.planned(sheet, there)

    async def _providers() -> dict[str, str]:
        async with engine.connect() as connection:
            return {row.provider: row.name for row in await connection.execute(_PROVIDERS)}

    async def _page(request: Request, *, status: int = 200, **shown: Any) -> Response:
        given = {"preview": None, "trouble": None, "changed": False, "done": None, "refused": ()} | shown
        actor, known = actor_of(request), await _providers()
        mine = known if actor.role is Role.COORDINATOR else None
        return site_of(request).page(
            request, "sheet.html", status=status, providers=mine, words=words, base=SHEET, **given
        )

    return pages


async def _uploaded(request: Request) -> _Uploaded | _Trouble:
    form = await request.form()
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return _Trouble(words.NO_FILE)
    raw = await file.read(LARGEST + 1)
    if len(raw) > LARGEST:
        return _Trouble(words.TOO_LARGE)
    name = "".join(sign for sign in file.filename if sign.isprintable())[:100]
    return _Uploaded(name, _lines(decoded(raw)), _whose(request, await read_form(request)))


def _whose(request: Request, form: SentForm) -> str:
    """A provider's own; a coordinator says whose."""
    actor = actor_of(request)
    return form.one("provider") if actor.role is Role.COORDINATOR else actor.organisation or actor.id


def _lines(content: str) -> str:
    """As a form brings it back, whatever line breaks were sent."""
    return content.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n").strip()


def _mark(plans: Sequence[Planned]) -> str:
    """What was shown: the same mark again means that the same would be done."""
    told = [
        [each.row.line, each.activity, each.outcome, [list(it) for it in (*each.differs, *each.said)]]
        for each in plans
    ]
    return sha256(orjson.dumps(told)).hexdigest()


async def _send(request: Request, plans: Sequence[Planned]) -> list[dict[str, Any]]:
    """Row by row, some at a time; those that are refused, with why."""
    network, doors = site_of(request).network, asyncio.Semaphore(_AT_ONCE)

    async def one(planned: Planned) -> dict[str, Any] | None:
        async with doors:
            for command in planned.commands:
                try:
                    answer = await network.ask(command, timeout=_PATIENCE)
                except Transient:
                    return {"row": planned.row.line, "title": planned.title, "what": words.LATER}
                if answer.refused is not None:
                    rule = site_of(request).refusals.get(answer.refused.code, OTHER)
                    return {"row": planned.row.line, "title": planned.title, "what": rule.what}
        return None

    return [each for each in await asyncio.gather(*map(one, plans)) if each]


def _told(no: NoSheet) -> _Trouble:
    return _Trouble(no.text, no.remedy, no.values)
