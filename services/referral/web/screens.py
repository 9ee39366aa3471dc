"""A form in screens: two to fill in, one to check, and the receipt; every screen has an address of its own.

    /refer            → /refer/{form}, a new form
    /refer/{form}     who it is about
    /refer/{form}/need
    /refer/{form}/check
    /refer/{form}/receipt

Each sending is answered with the address of the next screen, so the browser's back and forward buttons, and
loading again, send nothing. What was written is kept sealed between the screens (`drafts.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from services.referral.acute import is_acute
from services.referral.web.drafts import Draft, Drafts
from services.referral.web.fields import Faults, Fields, Said
from services.runtime.database import DATABASE_AWAY
from services.runtime.decision import Transient
from services.runtime.web import Pages, mark, site_of
from sluss_contracts.receipt import ReceiptIssued
from sluss_contracts.vocabulary import ReceiptStatus, Role

_ZONE = ZoneInfo("Europe/Stockholm")
NOT_NOW = mark("It could not be sent just now. Nothing is lost: wait a moment and send it again.")
NOT_TAKEN = mark("It could not be taken as it is. Go back to what you wrote, change it, and send it again.")
CLOSED = mark("Nothing can be received by this way right now. Call the link workers instead.")


@dataclass(frozen=True)
class Screen:
    """One screen that is filled in."""

    path: str
    """Below the form's own; empty for the first."""
    template: str
    fields: Fields
    wrong: Callable[[Said, date], Faults]


@dataclass(frozen=True)
class Refused(Exception):
    """It was not taken, and what the person can do."""

    say: str
    status: int = 409


class Form:
    """What differs between the forms."""

    base: str
    roles: frozenset[Role] | None
    templates: str
    """What the names of this form's templates begin with: `refer_check.html`, `refer_receipt.html`."""
    screens: Sequence[Screen]
    texts: Sequence[str]
    """The fields in which words of acute risk may stand."""

    def owner(self, request: Request) -> str:
        """Who writes, where they must have signed in. Raises `NothingHere`."""
        return ""

    async def begin(self, request: Request) -> Said:
        """What is filled in before anybody writes."""
        return {}

    async def context(self, request: Request, said: Said) -> dict[str, Any]:
        """What the templates need besides what was written."""
        return {}

    async def hand_in(self, request: Request, form: str, said: Said) -> ReceiptIssued:
        """Send it. Raises `Refused`, or `Transient` when it may be tried again."""
        raise NotImplementedError


class Screens:
    """Answers for one form at its addresses."""

    def __init__(self, form: Form, drafts: Drafts) -> None:
        self._form, self._drafts = form, drafts

    def add_to(self, pages: Pages, *, new_at: str) -> None:
        """Register the routes. A form is begun by going to `new_at`."""
        form, roles = self._form, self._form.roles

        @pages.get(new_at, roles=roles)
        async def begin(request: Request) -> Response:
            """A new form, of which nothing is kept until something is written."""
            form.owner(request)
            return _see(f"{form.base}/{uuid4()}")

        for number in range(len(form.screens)):
            self._add_screen(pages, number)

        @pages.get(f"{form.base}/{{form_id}}/check", roles=roles)
        async def check(request: Request, form_id: UUID) -> Response:
            """Everything that was written, before it is sent."""
            return await self._check(request, str(form_id))

        @pages.post(f"{form.base}/{{form_id}}/check", roles=roles)
        async def send(request: Request, form_id: UUID) -> Response:
            """Hand it in. However often it is sent, it is one referral with one receipt."""
            return await self._send(request, str(form_id))

        @pages.get(f"{form.base}/{{form_id}}/receipt", roles=roles)
        async def receipt(request: Request, form_id: UUID) -> Response:
            """What it was answered with, and what happens next."""
            draft = await self._drafts.read(request, str(form_id), form.owner(request))
            if draft.receipt is None:
                return _see(self._at(form_id, 0))
            said = ReceiptIssued.model_validate(draft.receipt)
            more = await form.context(request, draft.said)
            return _page(request, f"{form.templates}_receipt.html", receipt=said, base=form.base, **more)

    def _add_screen(self, pages: Pages, number: int) -> None:
        screen = self._form.screens[number]
        path = f"{self._form.base}/{{form_id}}" + (f"/{screen.path}" if screen.path else "")

        @pages.get(path, roles=self._form.roles)
        async def show(request: Request, form_id: UUID) -> Response:
            """A screen as far as it is filled in."""
            return await self._show(request, str(form_id), number)

        @pages.post(path, roles=self._form.roles)
        async def fill_in(request: Request, form_id: UUID) -> Response:
            """Keep what was written, and go on."""
            return await self._fill_in(request, str(form_id), number)

    def _at(self, form_id: object, number: int) -> str:
        """The address of a screen; after the last comes the one to check."""
        screens = self._form.screens
        path = "check" if number == len(screens) else screens[number].path
        return f"{self._form.base}/{form_id}" + (f"/{path}" if path else "")

    async def _open(self, request: Request, form_id: str) -> Draft:
        return await self._drafts.read(request, form_id, self._form.owner(request))

    async def _show(self, request: Request, form_id: str, number: int) -> Response:
        draft = await self._open(request, form_id)
        if draft.receipt is not None:
            return _see(f"{self._form.base}/{form_id}/receipt")
        if (missing := self._first_missing(request, draft.said)) < number:
            return _see(self._at(form_id, missing))
        screen = self._form.screens[number]
        said = screen.fields.empty() | await self._form.begin(request) | draft.said
        return await self._render(request, form_id, number, said, {})

    async def _fill_in(self, request: Request, form_id: str, number: int) -> Response:
        draft = await self._open(request, form_id)
        if draft.receipt is not None:
            return _see(f"{self._form.base}/{form_id}/receipt")
        screen = self._form.screens[number]
        said = draft.said | screen.fields.read(await request.form())
        faults = screen.wrong(said, _today(request))
        if faults:
            answer: Response = await self._render(request, form_id, number, said, faults, status=422)
        else:
            # Straight to the end where somebody came back from it to change something.
            missing = self._first_missing(request, said)
            answer = _see(self._at(form_id, max(number + 1, missing) if missing > number else missing))
        await self._drafts.keep(request, answer, form_id, Draft(said, draft.owner))
        return answer

    async def _check(
        self, request: Request, form_id: str, *, trouble: str = "", status: int = 200
    ) -> Response:
        draft = await self._open(request, form_id)
        if draft.receipt is not None:
            return _see(f"{self._form.base}/{form_id}/receipt")
        missing = self._first_missing(request, draft.said)
        if missing < len(self._form.screens):
            return _see(self._at(form_id, missing))
        return _page(
            request,
            f"{self._form.templates}_check.html",
            status=status,
            **self._common(form_id, len(self._form.screens), draft.said),
            **await self._form.context(request, draft.said),
            trouble=trouble,
        )

    async def _send(self, request: Request, form_id: str) -> Response:
        draft = await self._open(request, form_id)
        answer = _see(f"{self._form.base}/{form_id}/receipt")
        if draft.receipt is not None:
            return answer
        missing = self._first_missing(request, draft.said)
        if missing < len(self._form.screens):
            return _see(self._at(form_id, missing))
        try:
            receipt = await self._form.hand_in(request, form_id, draft.said)
        except Refused as refused:
            return await self._check(request, form_id, trouble=refused.say, status=refused.status)
        except (Transient, *DATABASE_AWAY):
            return await self._check(request, form_id, trouble=NOT_NOW, status=503)
        if receipt.status is ReceiptStatus.REFUSED:
            return await self._check(request, form_id, trouble=NOT_TAKEN, status=409)
        sent = Draft({}, draft.owner, receipt.model_dump(mode="json"))
        await self._drafts.keep(request, answer, form_id, sent)
        return answer

    def _first_missing(self, request: Request, said: Said) -> int:
        """The first screen that is not filled in as it must be."""
        today = _today(request)
        for number, screen in enumerate(self._form.screens):
            if not set(screen.fields.empty()) <= set(said) or screen.wrong(said, today):
                return number
        return len(self._form.screens)

    async def _render(
        self, request: Request, form_id: str, number: int, said: Said, faults: Faults, *, status: int = 200
    ) -> Response:
        return _page(
            request,
            f"{self._form.templates}_{self._form.screens[number].template}",
            status=status,
            **self._common(form_id, number, said),
            **await self._form.context(request, said),
            faults=faults,
        )

    def _common(self, form_id: str, number: int, said: Said) -> dict[str, Any]:
        last = len(self._form.screens)
        return {
            "said": said,
            "acute": any(is_acute(said.get(name) or "") for name in self._form.texts),
            "action": self._at(form_id, number),
            "before": self._at(form_id, number - 1) if number else None,
            "at": [self._at(form_id, each) for each in range(last + 1)],
            "number": number + 1,
            "screens": last + 1,
        }


def _today(request: Request) -> date:
    return site_of(request).now().astimezone(_ZONE).date()


def _page(request: Request, template: str, *, status: int = 200, **context: Any) -> Response:
    return site_of(request).page(request, template, status=status, **context)


def _see(path: str) -> Response:
    return RedirectResponse(path, status_code=303)
