"""Taking a step from a page: the form, what the case allows just now, and where one comes out.

A step's page shows its form while the case allows it, and otherwise says which rule stands in the way and
what to do. A step that was refused leaves the form as it was filled in.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from services.navigator.desk.frame import Frame
from services.navigator.desk.opened import OpenedCase
from services.navigator.domain.case import Status
from services.navigator.store.desk import LOCAL_TIME
from services.runtime.web import Language, mark, visitor_of
from services.runtime.web.drafting import draft_of, sent
from services.runtime.web.forms import SentForm, read_form
from services.runtime.web.sending import NotDone, send
from sluss_contracts.command import Command
from sluss_contracts.event import Fact
from sluss_contracts.vocabulary import Role

STEPS_IN_CASES: Final = frozenset({Role.LINK_WORKER, Role.VOLUNTEER, Role.COORDINATOR})
"""Who may fill in such a form; whose case it is the domain decides."""

DONE: Final[Mapping[str, str]] = {
    "claimed": mark("The case is yours."),
    "contact": mark("The contact is noted."),
    "booked": mark("The meeting is booked. The person is told, if the pathway has it so."),
    "moved": mark("The meeting is moved. The person is told, if the pathway has it so."),
    "cancelled": mark("The meeting is cancelled. Tell the person, if they do not know."),
    "held": mark("The meeting is noted."),
    "missed": mark("Noted. Ask how the person is."),
    "paused": mark("The case rests. Nothing is asked of the person until the day you said."),
    "resumed": mark("The work goes on."),
    "handed_on": mark("The case is handed on, with everything that was to be done in it."),
    "given_back": mark("The case is back in the team's inbox."),
    "unmet": mark("Noted. Those who look for what is missing here will see it, without knowing who."),
    "closed": mark("The case is closed."),
    "told": mark("The case is closed, and your words are on their way."),
    "consented": mark("Noted. The referral goes onward now."),
    "declined": mark("Noted. The referral ends, and nothing goes onward."),
    "guardian": mark("Noted."),
    "redirected": mark("It is sent on."),
    "task": mark("Done."),
}
"""What has been done, said on the page one comes to."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: the command it sends, the fact the case must allow, its page, and what is said afterwards."""

    command: type[Command]
    template: str
    done: str
    fact: type[Fact] | None = None
    said: Callable[[SentForm, OpenedCase], Mapping[str, Any]] = lambda form, opened: {}
    """What the form means, beside the referral."""
    given: Callable[[Request, OpenedCase, SentForm], Awaitable[Mapping[str, Any]]] | None = None
    """What else its page shows, with what is filled in."""
    doubts: Callable[[Request, OpenedCase, SentForm], Awaitable[Mapping[str, Any]]] | None = None
    """What its page shows before the step is taken, where there is something to think about first."""
    back: Callable[[str], str] = lambda case_id: f"/cases/{case_id}"
    """Where one comes out."""

    async def page(
        self,
        frame: Frame,
        request: Request,
        opened: OpenedCase,
        *,
        refusal: NotDone | None = None,
        filled: SentForm | None = None,
        **context: Any,
    ) -> Response:
        """Its form, as it was filled in; or why it is not for now."""
        if refusal is None and self.fact is not None and not opened.may(self.fact):
            return await frame.show(request, opened, "step_not_now.html", status=409, why=why_not(opened))
        draft = await draft_of(request) if filled is None else None
        form = filled if filled is not None else draft.form if draft else SentForm()
        given = await self.given(request, opened, form) if self.given else {}
        return await frame.show(
            request,
            opened,
            self.template,
            status=refusal.status if refusal else 200,
            refusal=refusal,
            filled=form,
            draft=draft,
            **{**given, **context},
        )

    async def take(self, frame: Frame, request: Request, case_id: str, **context: Any) -> Response:
        """Take it, and come out where it is shown; or show the form again, with the rule that said no."""
        opened = await frame.open(request, case_id)
        form = await read_form(request)
        if self.doubts and (doubts := await self.doubts(request, opened, form)):
            return await self.page(frame, request, opened, filled=form, **context, **doubts)
        try:
            answer = await send(request, self.command, form, referral_id=case_id, **self.said(form, opened))
        except NotDone as no:
            again = await frame.open(request, case_id)
            return await self.page(frame, request, again, refusal=no, filled=form, **context)
        await sent(request)
        acute = "&acute=1" if answer.result.get("acute") else ""
        return RedirectResponse(f"{self.back(case_id)}?done={self.done}{acute}", status_code=303)


def said_done(request: Request, language: Language) -> str | None:
    """What the step that led here has done, in words."""
    code = request.query_params.get("done", "")
    return language.say(DONE[code]) if code in DONE else None


def why_not(opened: OpenedCase) -> str:
    """The first rule that stands in the way of working in the case, and what to do."""
    if opened.case is None:
        return mark("The person has not been asked yet. Note their answer first.")
    if opened.case.status is Status.CLOSED:
        return mark("The case is closed. If the person comes back, a new referral begins.")
    if opened.case.status is Status.IN_LINE:
        return mark("Nobody has the case yet. Take it first.")
    if not opened.mine:
        return mark("A colleague has the case. Ask them, or a coordinator, to hand it on.")
    return mark("The case rests. Let the work go on first.")


def moment_of(form: SentForm, day: str, hour: str) -> datetime | str:
    """The moment two fields name, on the clock on the wall; what was written where they name none, which the
    command then refuses."""
    try:
        return datetime.combine(
            date.fromisoformat(form.one(day)), time.fromisoformat(form.one(hour)), LOCAL_TIME
        )
    except ValueError:
        return f"{form.one(day)} {form.one(hour)}".strip()


def number_of(form: SentForm, name: str) -> int | str | None:
    """A number, None where the field is empty, and what was written where it is none."""
    written = form.one(name)
    return int(written) if written.isascii() and written.isdecimal() and len(written) < 6 else written or None


def language_of(request: Request) -> Language:
    """What the visitor speaks."""
    return visitor_of(request).language
