"""The recept: written for a goal, shown, printed on one A4 in large letters. Each print stands in the log."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any, Final

from fastapi import Request
from starlette.responses import Response

from services.navigator.desk.opened import OPENS_CASES, OpenedCase
from services.navigator.domain.case import Case
from services.navigator.planning import words
from services.navigator.planning.filled import Filled, filled_in
from services.navigator.planning.instruments import goals_in_words
from services.navigator.planning.plan_form import RECEPT_LABELS
from services.navigator.planning.recept_sheet import Sheet, as_pdf, code_of
from services.navigator.planning.recept_text import first_time, sheet_of
from services.navigator.planning.shell import PURPOSE, Shell, go_on, said_in
from services.navigator.store.heard import OVER
from services.runtime.web import Language, NothingHere, Pages, site_of, visitor_of
from services.runtime.web.people import words_of
from services.runtime.web.sending import NotDone, send
from sluss_contracts.commands.planning import IssuePrescription
from sluss_contracts.pathway import Mark, PartOfCase
from sluss_contracts.plan import PrescriptionIssued
from sluss_contracts.vocabulary import Look

PATH: Final = "/cases/{case_id}/recept"
ONE: Final = PATH + "/{recept_id}"
FILE: Final = "recept.pdf"
"""Named after nobody."""
_AHEAD: Final = timedelta(days=120)


def recept_pages(shell: Shell) -> Pages:
    """All recepts of a case, each to look at and to print."""
    pages = Pages("navigator recept")

    @pages.get(PATH, roles=OPENS_CASES)
    async def show(request: Request, case_id: str) -> Response:
        """What has been written, and the form for another."""
        opened, case = await shell.open(request, case_id, PartOfCase.PLAN)
        return await _show(request, opened, case, Filled())

    @pages.post(PATH, roles=OPENS_CASES)
    async def write(request: Request, case_id: str) -> Response:
        """Write one."""
        opened, case = await shell.open(request, case_id, PartOfCase.PLAN)
        filled = await filled_in(request)
        try:
            goal = filled.choice("goal", case.goal_ids, needed=True)
            activity = filled.choice("activity", await _known(case))
            kind = filled.choice("kind", words.KINDS)
            filled.must_be_clear()
            said: dict[str, Any] = {"goal_id": goal, "activity": activity, "kind": kind}
            said |= {"trial": filled.has("trial"), "giver": filled.has("giver")}
            answer = await send(request, IssuePrescription, filled, referral_id=case_id, **said)
        except NotDone as refusal:
            return await _show(request, opened, case, filled, refusal)
        return go_on(opened, f"recept/{answer.result['prescription_id']}", "recept", answer)

    @pages.get(ONE, roles=OPENS_CASES)
    async def look(request: Request, case_id: str, recept_id: str) -> Response:
        """The recept as a page, to read on screen or print from the browser."""
        opened, case = await shell.open(request, case_id, PartOfCase.PLAN)
        language = _language(request)
        sheet = await _sheet(request, opened, case, recept_id, language, Look.OPENED)
        code = code_of(sheet.address) if sheet.address else ""
        return await shell.show(
            request,
            opened,
            "recept_page.html",
            sheet=sheet,
            code_at=f"/cases/{case_id}/recept/{recept_id}/code.svg" if code else "",
            recept_id=recept_id,
            file=FILE,
        )

    @pages.get(ONE + "/code.svg", roles=OPENS_CASES)
    async def code(request: Request, case_id: str, recept_id: str) -> Response:
        """The code on it: the address of the activity's page for everybody, and nothing else."""
        _, case = await shell.open(request, case_id, PartOfCase.PLAN)
        activity = _recept(case, recept_id).activity
        if activity is None:
            raise NothingHere
        return Response(code_of(public_page(request, activity)), media_type="image/svg+xml")

    @pages.get(ONE + "/" + FILE, roles=OPENS_CASES)
    async def print_it(request: Request, case_id: str, recept_id: str) -> Response:
        """The same as a PDF. That it was printed stands in the access log."""
        opened, case = await shell.open(request, case_id, PartOfCase.PLAN)
        sheet = await _sheet(request, opened, case, recept_id, _language(request), Look.PRINTED)
        made = await asyncio.to_thread(as_pdf, sheet)
        headers = {"Content-Disposition": f'inline; filename="{FILE}"', "Cache-Control": "no-store"}
        return Response(made, media_type="application/pdf", headers=headers)

    async def _sheet(
        request: Request, opened: OpenedCase, case: Case, recept_id: str, language: Language, look: Look
    ) -> Sheet:
        recept = _recept(case, recept_id)
        goal = await _goal(request, opened, recept, look)
        now = site_of(request).now()
        activity, first, host = None, None, None
        if recept.activity is not None:
            activity = (await shell.reading.activities([recept.activity])).get(recept.activity)
            places = [
                place
                for place in await shell.reading.places(opened.referral_id)
                if place["activity"] == recept.activity and place["status"] not in OVER
            ]
            place = places[-1] if places else None
            times = await shell.reading.times([recept.activity], now - _AHEAD, now + _AHEAD)
            first, host = first_time(place, times, now), place["host"] if place else None
        return sheet_of(
            recept,
            goal=goal,
            activity=activity,
            first=first,
            host=host,
            guide=opened.called("worker", case.worker or ""),
            address=public_page(request, recept.activity) if recept.activity else "",
            language=language,
        )

    async def _goal(
        request: Request, opened: OpenedCase, recept: PrescriptionIssued, look: Look
    ) -> str | None:
        """The goal's words, also of one that is not in the plan any more."""
        ref = await shell.reading.words_of_goal(opened.referral_id, recept.goal_id)
        told = await words_of(request, [ref] if ref else [], purpose=PURPOSE, action=look)
        return (told or {}).get(ref or "")

    async def _known(case: Case) -> list[str]:
        chosen = [each.activity for looked in case.looked_at for each in looked.alternatives]
        return list(dict.fromkeys([*case.enrolments.values(), *chosen]))

    async def _show(
        request: Request,
        opened: OpenedCase,
        case: Case,
        filled: Filled,
        refusal: NotDone | None = None,
    ) -> Response:
        language = visitor_of(request).language
        goals = await goals_in_words(request, case)
        offered = await _known(case)
        named = [each.activity for each in case.prescriptions.values() if each.activity]
        known = await shell.reading.activities([*offered, *named])
        written = [
            (id, each, known.get(each.activity or ""), goals.get(each.goal_id))
            for id, each in reversed(case.prescriptions.items())
        ]
        return await shell.show(
            request,
            opened,
            "recept.html",
            refusal=refusal,
            labels=said_in(language, RECEPT_LABELS),
            filled=filled,
            written=written,
            kinds_of=words.KINDS,
            goals=list(goals.items()),
            activities=[(name, known[name].title) for name in offered if name in known],
            kinds=[(code, language.say(text)) for code, text in words.KINDS.items()],
            may=opened.may(PrescriptionIssued) and bool(goals),
            step=opened.may(PrescriptionIssued),
            may_give=Mark.MAY_GIVE in opened.pathway.marks,
        )

    return pages


def _recept(case: Case, recept_id: str) -> PrescriptionIssued:
    found = case.prescriptions.get(recept_id)
    if found is None:
        raise NothingHere
    return found


def _language(request: Request) -> Language:
    """The language of the paper: the person's, which need not be that of whoever prints it."""
    site = site_of(request)
    return site.spoken.get(request.query_params.get("lang", ""), visitor_of(request).language)


def public_page(request: Request, activity: str) -> str:
    """Where everybody reads about an activity, by the address people use."""
    host = _forwarded(request, "x-forwarded-host") or request.headers.get("host", "")
    scheme = _forwarded(request, "x-forwarded-proto") or request.url.scheme
    return f"{scheme}://{host}/aktiviteter/{activity}"


def _forwarded(request: Request, name: str) -> str:
    return request.headers.get(name, "").split(",")[0].strip()
