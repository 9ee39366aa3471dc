"""A whole caseload handed over: to whom, who then gets what and why, and only then it is done.

A coordinator does it for anybody, a link worker for themselves when they leave. What is shown is the policy's
own answer of this moment; each case is decided when it moves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from fastapi import Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import RedirectResponse, Response

from services.navigator.board import party
from services.navigator.desk.frame import identity_of
from services.navigator.desk.opened import Names, names_of
from services.navigator.desk.today_page import GUIDES
from services.navigator.store.tables import link_worker
from services.navigator.web.words import CODES
from services.runtime.decision import Transient
from services.runtime.web import Language, NothingHere, Pages, actor_of, mark, site_of, visitor_of
from services.runtime.web.forms import SentForm, read_form
from services.runtime.web.people import People, people_of
from services.runtime.web.sending import NotDone, send
from sluss_contracts.command import Answer, Refused
from sluss_contracts.commands.staff import HandOverCaseload, ReadHandOver
from sluss_contracts.vocabulary import Role

OWN: Final = "/my-time/hand-over"
ANYBODYS: Final = "/coordinator/caseloads/{worker}"
POLICY: Final = "-"
"""What the form says for whoever the policy chooses."""
PURPOSE: Final = "hand_over"

_NOT_NAMED: Final = {
    "needs_employed": mark("what the person needs is not for volunteers"),
    "no_requested_gender": mark("is not of the gender asked for"),
    "no_language": mark("does not speak the language"),
    "gave_it_back": mark("knows the person privately, or gave the case back"),
}
"""What keeps a case from whoever was named, said of them."""

_WORKERS = (
    select(
        link_worker.c.worker,
        link_worker.c.team,
        link_worker.c.load,
        link_worker.c.capacity,
        party.c.name,
    )
    .select_from(link_worker.join(party, (party.c.kind == "worker") & (party.c.id == link_worker.c.worker)))
    .order_by(party.c.name)
    .limit(1000)
)


@dataclass(frozen=True, slots=True)
class Move:
    """One case, and what becomes of it."""

    referral_id: str
    worker: str | None
    whom: str
    """The name of whoever gets it, or of the team in whose inbox it waits."""
    why: str
    not_named: str


@dataclass(frozen=True, slots=True)
class Filling:
    """How full somebody who gets cases will be."""

    name: str
    gets: int
    then: int
    capacity: int


def caseload_pages(engine: AsyncEngine) -> Pages:
    """The same page for whoever leaves and for a coordinator."""
    pages = Pages("navigator caseload")

    @pages.get(OWN, roles=GUIDES)
    async def own(request: Request, to: str = "") -> Response:
        return await _show(request, engine, identity_of(request).actor.id, to)

    @pages.post(OWN, roles=GUIDES)
    async def leave(request: Request) -> Response:
        """Whoever has handed everything over is signed out, so this page is their last."""
        form, worker = await read_form(request), identity_of(request).actor.id
        try:
            await _hand_over(request, form, worker)
        except NotDone as no:
            return await _show(request, engine, worker, form.one("to"), no)
        return site_of(request).page(request, "caseload_left.html")

    @pages.get(ANYBODYS, roles={Role.COORDINATOR})
    async def anybodys(request: Request, worker: str, to: str = "") -> Response:
        return await _show(request, engine, worker, to)

    @pages.post(ANYBODYS, roles={Role.COORDINATOR})
    async def hand_over(request: Request, worker: str) -> Response:
        form = await read_form(request)
        try:
            await _hand_over(request, form, worker)
        except NotDone as no:
            return await _show(request, engine, worker, form.one("to"), no)
        return RedirectResponse(f"{ANYBODYS.format(worker=worker)}?done=1", status_code=303)

    return pages


async def _hand_over(request: Request, form: SentForm, worker: str) -> Answer:
    return await send(request, HandOverCaseload, form, worker=worker, to=_named(form.one("to")))


async def _show(
    request: Request, engine: AsyncEngine, worker: str, to: str, refusal: NotDone | None = None
) -> Response:
    """To whom; and, once that is said, who gets what."""
    site, language = site_of(request), visitor_of(request).language
    workers = await _workers(engine)
    if worker not in workers:
        raise NothingHere
    if to and to not in {POLICY, *workers}:
        raise NothingHere
    answer = await _asked(request, worker, to)
    rows = answer.result.get("cases", ())
    people = await _people(request, [row["referral_id"] for row in rows])
    async with engine.connect() as connection:
        names = await names_of(connection, {row["team"] for row in rows} | {to})
    moves = [_move(row, workers, names, language) for row in rows]
    mine = identity_of(request).actor.id == worker
    return site.page(
        request,
        "caseload.html",
        status=refusal.status if refusal else 200,
        refusal=refusal,
        unclear=answer.refused.code if answer.refused else None,
        words=site.refusals.get(answer.refused.code) if answer.refused else None,
        leaving=workers[worker],
        mine=mine,
        at=OWN if mine else ANYBODYS.format(worker=worker),
        back="/my-time" if mine else "/coordinator",
        to=to,
        named=workers[to]["name"] if to in workers else None,
        choices=_choices(workers, worker),
        policy=POLICY,
        moves=moves,
        filling=_filling(moves, workers),
        waiting=sum(move.worker is None for move in moves),
        people=people,
        done="done" in request.query_params,
        filled=SentForm({"to": (to,)}),
    )


async def _asked(request: Request, worker: str, to: str) -> Answer:
    question = ReadHandOver(command_id=uuid4(), actor=actor_of(request), worker=worker, to=_named(to))
    try:
        return await site_of(request).network.ask(question)
    except Transient as trouble:
        return Answer(refused=Refused(code="try_again", message=str(trouble)))


async def _people(request: Request, cases: Sequence[str]) -> People:
    """Volunteers see aliases alone."""
    if identity_of(request).role is Role.VOLUNTEER:
        return People({}, {})
    return await people_of(request, cases, purpose=PURPOSE)


async def _workers(engine: AsyncEngine) -> dict[str, Mapping[str, Any]]:
    async with engine.connect() as connection:
        return {row["worker"]: dict(row) for row in (await connection.execute(_WORKERS)).mappings()}


def _choices(workers: Mapping[str, Mapping[str, Any]], leaving: str) -> list[tuple[str, str]]:
    """Who may be named: the own team first, with how full each is."""
    team = workers[leaving]["team"]
    others = [one for one in workers.values() if one["worker"] != leaving and one["capacity"]]
    return [
        (one["worker"], f"{one['name']} ({one['load']}/{one['capacity']})")
        for one in sorted(others, key=lambda one: one["team"] != team)
    ]


def _move(
    row: Mapping[str, Any], workers: Mapping[str, Mapping[str, Any]], names: Names, language: Language
) -> Move:
    worker = row["worker"]
    whom = workers[worker]["name"] if worker in workers else names.get(("team", row["team"]), row["team"])
    return Move(
        row["referral_id"],
        worker,
        whom,
        ", ".join(language.say(CODES.get(code, code)) for code in row["because"]),
        ", ".join(language.say(_NOT_NAMED.get(code, code)) for code in row["not_named"]),
    )


def _filling(moves: Sequence[Move], workers: Mapping[str, Mapping[str, Any]]) -> list[Filling]:
    found = []
    for worker in dict.fromkeys(move.worker for move in moves if move.worker in workers):
        assert worker is not None
        one, gets = workers[worker], sum(move.worker == worker for move in moves)
        found.append(Filling(one["name"], gets, one["load"] + gets, one["capacity"]))
    return found


def _named(to: str) -> str | None:
    return None if to in ("", POLICY) else to
