"""Letting a case rest until a day, and letting the work go on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fastapi import Request
from starlette.responses import Response

from services.navigator.desk.frame import ROOT, Frame
from services.navigator.desk.opened import OpenedCase
from services.navigator.desk.taking import STEPS_IN_CASES, Step, language_of
from services.navigator.domain.case import Status
from services.runtime.web import Pages, mark
from services.runtime.web.forms import SentForm
from sluss_contracts.case import CasePaused
from sluss_contracts.commands.navigator import PauseCase, ResumeCase

REASONS: Final = {
    "illness": mark("Illness"),
    "travel": mark("Travel"),
    "asked_to_wait": mark("The person wants to wait"),
    "other": mark("Something else"),
}


def resting_pages(frame: Frame) -> Pages:
    """Both on one page: a case that rests may go on, or rest for longer."""
    pages = Pages("navigator resting")

    async def given(request: Request, opened: OpenedCase, _: SentForm) -> Mapping[str, Any]:
        language = language_of(request)
        return {
            "reasons": [(code, language.say(said)) for code, said in REASONS.items()],
            "rests": opened.case is not None and opened.case.status is Status.PAUSED,
        }

    pause = Step(PauseCase, "step_pause.html", "paused", CasePaused, _said, given)
    resume = Step(ResumeCase, "step_pause.html", "resumed", given=given)

    @pages.get(ROOT + "/pause", roles=STEPS_IN_CASES)
    async def form(request: Request, case_id: str) -> Response:
        return await pause.page(frame, request, await frame.open(request, case_id))

    @pages.post(ROOT + "/pause", roles=STEPS_IN_CASES)
    async def rest(request: Request, case_id: str) -> Response:
        return await pause.take(frame, request, case_id)

    @pages.post(ROOT + "/resume", roles=STEPS_IN_CASES)
    async def go_on(request: Request, case_id: str) -> Response:
        return await resume.take(frame, request, case_id)

    return pages


def _said(form: SentForm, _: OpenedCase) -> dict[str, Any]:
    return {"why": form.one("why"), "until": form.one("until")}
