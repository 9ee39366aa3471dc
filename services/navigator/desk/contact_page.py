"""Noting an attempt to reach the person, with how they may be reached beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fastapi import Request
from starlette.responses import Response

from services.navigator.desk.frame import ROOT, Frame
from services.navigator.desk.opened import OpenedCase
from services.navigator.desk.taking import STEPS_IN_CASES, Step, language_of
from services.navigator.web.words import CODES
from services.runtime.web import Pages, mark
from services.runtime.web.forms import SentForm
from sluss_contracts.commands.navigator import RecordContact
from sluss_contracts.meeting import ContactAttempted
from sluss_contracts.vocabulary import ContactOutcome, ContactWay

OUTCOMES: Final = {
    ContactOutcome.REACHED: mark("We spoke"),
    ContactOutcome.NO_ANSWER: mark("No answer"),
    ContactOutcome.ASKED_TO_CALL_BACK: mark("Asked to be called back"),
    ContactOutcome.WRONG_ADDRESS: mark("It leads nowhere"),
}


def contact_pages(frame: Frame) -> Pages:
    """The form and what it sends."""
    pages = Pages("navigator contact")

    async def given(request: Request, opened: OpenedCase, _: SentForm) -> Mapping[str, Any]:
        language = language_of(request)
        return {
            "ways": [(each.value, language.say(CODES[each.value])) for each in ContactWay],
            "outcomes": [(each.value, language.say(said)) for each, said in OUTCOMES.items()],
            "attempts": opened.case.unanswered if opened.case else 0,
        }

    step = Step(RecordContact, "step_contact.html", "contact", ContactAttempted, _said, given)

    @pages.get(ROOT + "/contact", roles=STEPS_IN_CASES)
    async def form(request: Request, case_id: str) -> Response:
        return await step.page(frame, request, await frame.open(request, case_id))

    @pages.post(ROOT + "/contact", roles=STEPS_IN_CASES)
    async def note(request: Request, case_id: str) -> Response:
        return await step.take(frame, request, case_id)

    return pages


def _said(form: SentForm, _: OpenedCase) -> dict[str, Any]:
    return {"way": form.one("way"), "outcome": form.one("outcome")}
