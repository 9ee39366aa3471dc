"""The pages behind links. Looking changes nothing, for mail scanners look too; sending a form does.

Whatever a link is not good for (any more), the page is the same, and says nothing of what it was for.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import uuid4

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.datastructures import UploadFile
from starlette.responses import Response

from services.provider.domain.refusals import NoSessionThen, TimeHasPassed
from services.provider.links import forms, words
from services.provider.links.forms import Answered, Form, Sender, Unclear
from services.provider.links.sights import ActivitySight, OfferSight, SessionSight, Sight, Sights
from services.provider.links.token import Link, LinkExpired, Signer
from services.runtime.calls import Network
from services.runtime.decision import Transient
from services.runtime.serving import Malformed
from services.runtime.web import ANYONE, Pages, sender_of, visitor_of
from services.runtime.web.behind_links import BehindLinks, Over, led_on
from services.runtime.web.costs import cost_in_words
from services.runtime.web.guessing import Guessing
from services.runtime.web.sealed import NotALink, mark_of
from sluss_contracts.command import Actor, Refused
from sluss_contracts.vocabulary import Role

PROOF = "proof"
_PAGES = BehindLinks("links")
_TIMES = {TimeHasPassed.code, NoSessionThen.code}


def link_pages(engine: AsyncEngine, network: Network, signer: Signer, now: Callable[[], datetime]) -> Pages:
    """The pages, reading through this engine and sending commands over this network."""
    pages = Pages("links")
    answering = _Answering(Sights(engine), network, signer, now)

    @pages.get("/answer/thanks/{what}", roles=ANYONE)
    async def thanks(request: Request, what: str) -> Response:
        """What happens next. Holds nothing that leads back to the link."""
        if what not in words.THANKS:
            return _PAGES.over(request)
        heading, next_ = words.THANKS[what]
        return _PAGES.page(request, "thanks.html", heading=heading, next_=next_)

    @pages.get("/answer/{token}", roles=ANYONE)
    async def look(request: Request, token: str) -> Response:
        """What is to be answered."""
        return await answering.show(request, token)

    @pages.post("/answer/{token}", roles=ANYONE)
    async def answer(request: Request, token: str) -> Response:
        """An answer."""
        return await answering.take(request, token)

    return pages


class _Answering:
    def __init__(self, sights: Sights, network: Network, signer: Signer, now: Callable[[], datetime]) -> None:
        self._sights, self._network, self._signer, self._now = sights, network, signer, now
        self._guessing = Guessing("links_guessed")

    async def show(self, request: Request, token: str) -> Response:
        try:
            _, sight = await self._open(request, token)
        except Over as end:
            return _PAGES.over(request, wait=end.wait)
        notice = "saved" if "saved" in request.query_params else None
        return self._render(request, token, sight, notice=notice)

    async def take(self, request: Request, token: str) -> Response:
        try:
            link, sight = await self._open(request, token)
        except Over as end:
            return _PAGES.over(request, wait=end.wait)
        form = await _form_of(request)
        if not self._signer.proves(forms.one(form, PROOF), token, sight.shown):
            return self._render(request, token, sight, notice="changed", status=409)
        actor = Actor(id=f"link-{mark_of(token)}", role=Role.PROVIDER, organisation=link.provider)
        try:
            answered = self._read(form, sight, Sender(actor, uuid4))
            refused = await self._send(answered)
        except Unclear as unclear:
            return self._render(request, token, sight, form=form, faults=unclear.faults, status=422)
        except Transient:
            return self._render(request, token, sight, form=form, notice="later", status=503)
        if refused and refused.code in _TIMES | {Malformed.code}:
            said = words.TO_COME if refused.code in _TIMES else words.NOT_UNDERSTOOD
            field = "other_day" if answered.what == "another_time" else "starts"
            return self._render(request, token, sight, form=form, faults={field: said}, status=422)
        if refused:
            return _PAGES.over(request)
        if isinstance(sight, SessionSight):
            return led_on(f"/answer/{token}?saved")
        return led_on(f"/answer/thanks/{answered.what}")

    async def _open(self, request: Request, token: str) -> tuple[Link, Sight]:
        now = self._now()
        try:
            link = self._signer.read(token, now)
        except NotALink:
            raise Over(wait=self._guessing.missed(sender_of(request))) from None
        except LinkExpired:
            raise Over from None
        sight = await self._sights.of(link, now)
        if sight is None:
            raise Over
        return link, sight

    def _read(self, form: Form, sight: Sight, sender: Sender) -> Answered:
        match sight:
            case OfferSight():
                return forms.offer(form, sight, sender, self._now())
            case SessionSight():
                return forms.attendance(form, sight, sender)
            case ActivitySight():
                return forms.confirmation(form, sight, sender)

    async def _send(self, answered: Answered) -> Refused | None:
        """Each command stands for itself: what could not be taken of one person is none of another's."""
        refused = None
        for command in answered.commands:
            told = await self._network.ask(command)
            refused = told.refused or refused
        return refused

    def _render(
        self,
        request: Request,
        token: str,
        sight: Sight,
        *,
        form: Form | None = None,
        faults: dict[str, str] | None = None,
        notice: str | None = None,
        status: int = 200,
    ) -> Response:
        step = (
            forms.one(form, "answer")
            if form
            else {"change": "change", "end": "ended"}.get(request.query_params.get("do", ""), "")
        )
        template, given = _shown(request, sight, form, step)
        return _PAGES.page(
            request,
            template,
            status=status,
            action=f"/answer/{token}",
            proof=self._signer.proof(token, sight.shown),
            faults=faults or {},
            notice=notice,
            sight=sight,
            **given,
        )


def _shown(request: Request, sight: Sight, form: Form | None, step: str) -> tuple[str, dict[str, Any]]:
    match sight:
        case OfferSight():
            names = ("starts", "day", "hour", "host", "other_day", "other_hour", "other_host", "reason")
            filled = {name: forms.one(form, name) if form else "" for name in names}
            if sight.coming and not filled["starts"]:
                filled["starts"] = sight.coming[0].starts.isoformat()
            return "offer.html", {"filled": filled, "reasons": words.REASONS}
        case SessionSight():
            said = {
                number: forms.one(form, f"person-{number}") if form else guest.said or ""
                for number, guest in enumerate(sight.guests, 1)
            }
            return "attendance.html", {"said": said, "came": words.CAME}
        case ActivitySight() if step == "change":
            said_now = forms.filled_in(sight.activity)
            if form:
                several = {name: form.get(name, ()) for name in ("languages", "access")}
                said_now = {name: forms.one(form, name) for name in said_now} | several
            spoken = words.languages(sight.activity.languages, visitor_of(request).language.code)
            lists = {"modes": words.MODES, "per": words.PER, "access": words.ACCESS, "languages": spoken}
            return "change.html", {"filled": said_now, **lists}
        case ActivitySight() if step == "ended":
            return "ended.html", {}
        case _:
            known = sight.activity.cost
            cost = cost_in_words(known, visitor_of(request).language) if known else None
            return "confirmation.html", {"modes": words.MODES, "cost": cost, "access": words.ACCESS}


async def _form_of(request: Request) -> dict[str, list[str]]:
    sent = await request.form()
    found: dict[str, list[str]] = {}
    for name, value in sent.multi_items():
        if not isinstance(value, UploadFile):
            found.setdefault(name, []).append(value.replace("\x00", ""))
    return found
