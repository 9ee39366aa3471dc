"""The page behind a link to a meeting. Looking changes nothing, for mail scanners look too.

Whatever a link is not good for (any more), the page is the same, and says nothing of anybody.
"""

from __future__ import annotations

from uuid import uuid4

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import Response

from services.navigator.domain.rules import MeetingHasMoved, TimeIsTaken
from services.navigator.meeting_links import forms, words
from services.navigator.meeting_links.forms import SHOWN, Unclear
from services.navigator.meeting_links.sights import MeetingSight, sight_of
from services.navigator.meeting_links.token import MeetingSigner
from services.runtime.decision import Transient
from services.runtime.web import ANYONE, Pages, sender_of, site_of
from services.runtime.web.behind_links import BehindLinks, Over, led_on
from services.runtime.web.forms import SentForm, read_form
from services.runtime.web.guessing import Guessing
from services.runtime.web.sealed import NotALink, mark_of
from sluss_contracts.command import Actor
from sluss_contracts.vocabulary import Role

PROOF = "proof"
_PAGES = BehindLinks("meeting_links")
_LATER = frozenset({"try_again", "internal_error"})


def meeting_link_pages(engine: AsyncEngine, signer: MeetingSigner) -> Pages:
    """The pages, reading through this engine."""
    pages = Pages("navigator meeting links")
    answering = _Answering(engine, signer)

    @pages.get("/meeting/thanks/{what}", roles=ANYONE)
    async def thanks(request: Request, what: str) -> Response:
        """It is cancelled. Holds nothing that leads back to the link."""
        if what not in words.THANKS:
            return _PAGES.over(request)
        return _PAGES.page(request, "thanks.html", said=words.THANKS[what])

    @pages.get("/meeting/{token}", roles=ANYONE)
    async def look(request: Request, token: str) -> Response:
        """When they meet, and what can be answered."""
        try:
            sight = await answering.open(request, token)
        except Over as end:
            return _PAGES.over(request, wait=end.wait)
        return answering.show(request, token, sight, step=request.query_params.get("do", ""))

    @pages.post("/meeting/{token}", roles=ANYONE)
    async def answer(request: Request, token: str) -> Response:
        """An answer."""
        try:
            sight = await answering.open(request, token)
            return await answering.take(request, token, sight)
        except Over as end:
            return _PAGES.over(request, wait=end.wait)

    return pages


class _Answering:
    def __init__(self, engine: AsyncEngine, signer: MeetingSigner) -> None:
        self._engine, self._signer = engine, signer
        self._guessing = Guessing("meeting_links_guessed")

    async def open(self, request: Request, token: str) -> MeetingSight:
        try:
            meeting_id = self._signer.read(token)
        except NotALink:
            raise Over(wait=self._guessing.missed(sender_of(request))) from None
        sight = await sight_of(self._engine, meeting_id, site_of(request).now())
        if sight is None:
            raise Over
        return sight

    async def take(self, request: Request, token: str, sight: MeetingSight) -> Response:
        form = await read_form(request)
        step = form.one("answer")
        if not self._signer.proves(form.one(PROOF), token, form.one(SHOWN)):
            return self.show(request, token, sight, notice="changed", status=409)
        actor = Actor(id=f"link-{mark_of(token)}", role=Role.PERSON)
        try:
            answered = forms.answered(form, token, sight, actor, uuid4())
            told = await site_of(request).network.ask(answered.command)
        except Unclear as unclear:
            return self.show(request, token, sight, step=step, form=form, faults=unclear.faults, status=422)
        except Transient:
            return self.show(request, token, sight, step=step, form=form, notice="later", status=503)
        if told.refused is None:
            return led_on(answered.then)
        if told.refused.code in _LATER:
            return self.show(request, token, sight, step=step, form=form, notice="later", status=503)
        now = await self.open(request, token)
        if told.refused.code == TimeIsTaken.code:
            return self.show(request, token, now, step=step, faults={"to": words.TAKEN}, status=422)
        if told.refused.code == MeetingHasMoved.code or not now.meeting.ahead:
            return self.show(request, token, now, notice="changed", status=409)
        raise Over

    def show(
        self,
        request: Request,
        token: str,
        sight: MeetingSight,
        *,
        step: str = "",
        form: SentForm | None = None,
        faults: dict[str, str] | None = None,
        notice: str | None = None,
        status: int = 200,
    ) -> Response:
        if not sight.meeting.ahead:
            return _PAGES.page(request, "cancelled.html", status=status, sight=sight)
        template = {"another": "another.html", "cancel": "cancel.html"}.get(step, "meeting.html")
        return _PAGES.page(
            request,
            template,
            status=status,
            action=f"/meeting/{token}",
            sight=sight,
            meeting=sight.meeting,
            where=words.WHERE[sight.meeting.mode],
            proof=self._signer.proof(token, sight.shown),
            done=words.DONE.get(request.query_params.get("done", "")),
            filled=form if form is not None else SentForm(),
            faults=faults or {},
            notice=notice,
            days=words.DAYS,
            parts=words.PARTS,
        )
