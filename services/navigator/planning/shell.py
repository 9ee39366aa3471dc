"""What all pages of the work with one person share: whom they let in, how they go on, what they say then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from services.navigator.desk.frame import Frame
from services.navigator.desk.opened import OpenedCase
from services.navigator.domain.case import Case
from services.navigator.planning.reading import Reading
from services.runtime.web import Language, NothingHere, mark, visitor_of
from services.runtime.web.pages import NotForYou
from services.runtime.web.sending import NotDone
from sluss_contracts.command import Answer
from sluss_contracts.pathway import PartOfCase

PURPOSE: Final = "case"
"""Why these pages ask the vault, as the access log has it."""

DONE: Final[Mapping[str, str]] = {
    "mapping": mark("The mapping is saved."),
    "unchanged": mark("Nothing was different, so nothing was changed."),
    "measure": mark("The answers are saved and scored."),
    "looked_at": mark("What you looked at is saved."),
    "requested": mark("The place is asked for. The provider answers."),
    "unmet": mark("The need is recorded as unmet. It is looked for again whenever something new is offered."),
    "plan": mark("The plan is saved."),
    "progress": mark("How far the person has come is saved."),
    "recept": mark("The recept is written."),
    "support": mark("The help is agreed."),
    "given": mark("Noted that the help was given."),
    "attendance": mark("Noted whether the person came."),
    "time": mark("The new time is agreed, and the provider knows."),
    "ended": mark("The place is free again."),
    "spill_over": mark("What it has led to is saved."),
    "follow_up": mark("The follow-up is saved."),
    "evaluation": mark("The evaluation is saved."),
}
"""What has just been done, by the word that stands in the address."""


@dataclass(frozen=True, slots=True)
class Shell:
    """The frame pages stand in, and what they read."""

    frame: Frame
    reading: Reading

    async def open(self, request: Request, case_id: str, part: PartOfCase) -> tuple[OpenedCase, Case]:
        """A case that there is, with the part the page is about. Raises `NothingHere` or `NotForYou`."""
        opened = await self.frame.open(request, case_id)
        if opened.case is None:
            raise NothingHere
        if not opened.sees(part):
            raise NotForYou
        return opened, opened.case

    async def show(
        self,
        request: Request,
        opened: OpenedCase,
        template: str,
        *,
        refusal: NotDone | None = None,
        labels: Mapping[str, str] | None = None,
        **context: Any,
    ) -> Response:
        """A page in the frame; one that was refused says why and keeps what was written."""
        language = visitor_of(request).language
        said = DONE.get(request.query_params.get("done", "")) if refusal is None else None
        answer: Response = await self.frame.show(
            request,
            opened,
            f"planning/{template}",
            status=refusal.status if refusal else 200,
            done=language.say(said) if said else None,
            acute="acute" in request.query_params,
            refusal=refusal,
            labels=said_in(language, labels or {}),
            base=f"/cases/{opened.referral_id}",
            **context,
        )
        return answer


def go_on(opened: OpenedCase, page: str, done: str, answer: Answer | None = None) -> Response:
    """To the page that shows what has been done; loading that again does nothing."""
    acute = "&acute" if answer is not None and answer.result.get("acute") else ""
    return RedirectResponse(f"/cases/{opened.referral_id}/{page}?done={done}{acute}", status_code=303)


def said_in(language: Language, labels: Mapping[str, str]) -> dict[str, str]:
    """What fields are called, in a language."""
    return {name: language.say(label) for name, label in labels.items()}
