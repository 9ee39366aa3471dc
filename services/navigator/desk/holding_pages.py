"""Who has a case: taken from the inbox, handed on, given back, or sent on to whoever is right for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi import Request
from sqlalchemy import Text, bindparam, select
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import Response

from services.navigator.board import party
from services.navigator.desk.frame import ROOT, Frame, identity_of
from services.navigator.desk.opened import OpenedCase
from services.navigator.desk.taking import STEPS_IN_CASES, Step, language_of
from services.navigator.store.tables import link_worker, team_area
from services.runtime.web import Pages, mark
from services.runtime.web.area_words import area_in_words
from services.runtime.web.forms import SentForm
from sluss_contracts.case import CaseReassigned
from sluss_contracts.commands.navigator import ClaimCase, ReassignCase
from sluss_contracts.commands.referral import RedirectReferral
from sluss_contracts.vocabulary import Role

BACK: Final = "-"
"""What the form says for the team's inbox."""
BECAUSE: Final = {
    "handed_on": mark("It suits better so"),
    "asked_for_another": mark("The person asked for somebody else"),
    "conflict_of_interest": mark("I know the person privately"),
    "link_worker_away": mark("I am away"),
}
REDIRECTED: Final = {
    "other_area": mark("The person lives elsewhere"),
    "other_help": mark("Something else helps better"),
    "person_asked": mark("The person asked for it"),
}

_COLLEAGUES = (
    select(link_worker.c.worker, party.c.name, link_worker.c.load, link_worker.c.capacity)
    .select_from(link_worker.join(party, (party.c.kind == "worker") & (party.c.id == link_worker.c.worker)))
    .where(link_worker.c.team == bindparam("team", type_=Text))
    .order_by(party.c.name)
    .limit(200)
)
_AREAS = select(team_area.c.area).distinct().order_by(team_area.c.area).limit(500)
_ORGANISATIONS = (
    select(party.c.id, party.c.name).where(party.c.kind == "organisation").order_by(party.c.name).limit(500)
)


def holding_pages(frame: Frame) -> Pages:
    """The forms and what they send."""
    pages = Pages("navigator holding")
    claim = Step(ClaimCase, "step_claim.html", "claimed")

    async def given(request: Request, opened: OpenedCase, _: SentForm) -> Mapping[str, Any]:
        language = language_of(request)
        return {
            "colleagues": await colleagues(frame.engine, opened),
            "because": [(code, language.say(said)) for code, said in BECAUSE.items()],
            "elsewhere": [(code, language.say(said)) for code, said in REDIRECTED.items()],
            "back": BACK,
            **await _elsewhere(frame.engine),
        }

    hand_on = Step(ReassignCase, "step_hand_on.html", "handed_on", CaseReassigned, _handed_on, given)
    give_back = Step(ReassignCase, "step_hand_on.html", "given_back", CaseReassigned, _given_back, given)
    redirect = Step(RedirectReferral, "step_hand_on.html", "redirected", None, _redirected, given)

    @pages.post(ROOT + "/claim", roles=STEPS_IN_CASES)
    async def take(request: Request, case_id: str) -> Response:
        """One of all who try it has the case; the others see who."""
        identity = identity_of(request)
        worker = identity.actor.id
        mine = Step(ClaimCase, claim.template, claim.done, said=lambda form, _: {"worker": worker})
        return await mine.take(frame, request, case_id)

    @pages.get(ROOT + "/hand-on", roles=STEPS_IN_CASES)
    async def form(request: Request, case_id: str) -> Response:
        return await hand_on.page(frame, request, await frame.open(request, case_id))

    @pages.post(ROOT + "/hand-on", roles=STEPS_IN_CASES)
    async def hand(request: Request, case_id: str) -> Response:
        return await hand_on.take(frame, request, case_id)

    @pages.post(ROOT + "/give-back", roles=STEPS_IN_CASES)
    async def give(request: Request, case_id: str) -> Response:
        return await give_back.take(frame, request, case_id)

    @pages.post(ROOT + "/redirect", roles={Role.LINK_WORKER, Role.COORDINATOR})
    async def send_on(request: Request, case_id: str) -> Response:
        return await redirect.take(frame, request, case_id)

    return pages


def _handed_on(form: SentForm, _: OpenedCase) -> dict[str, Any]:
    return {"worker": form.one("worker"), "because": form.one("because")}


def _given_back(form: SentForm, _: OpenedCase) -> dict[str, Any]:
    return {"worker": None, "because": form.one("because")}


def _redirected(form: SentForm, _: OpenedCase) -> dict[str, Any]:
    return {
        "why": form.one("why"),
        "to_area": form.some("to_area"),
        "to_organisation": form.some("to_organisation"),
        "expected_sequence": None,  # the referral is another's, and numbered by it
    }


async def colleagues(db: AsyncEngine, opened: OpenedCase) -> Sequence[tuple[str, str]]:
    """Who in the team may take over, with how full they are."""
    async with db.connect() as connection:
        rows = (await connection.execute(_COLLEAGUES, {"team": opened.team})).all()
    return [
        (row.worker, f"{row.name} ({row.load}/{row.capacity})") for row in rows if row.worker != opened.worker
    ]


async def _elsewhere(db: AsyncEngine) -> dict[str, Any]:
    async with db.connect() as connection:
        areas = (await connection.execute(_AREAS)).scalars().all()
        organisations = (await connection.execute(_ORGANISATIONS)).all()
    return {
        "areas": [(area, area_in_words(area)) for area in areas],
        "organisations": [(row.id, row.name) for row in organisations],
    }
